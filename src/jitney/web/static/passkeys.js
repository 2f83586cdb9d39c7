// Speaks with the person's authenticator where a page offers a passkey (WebAuthn Level 3).
// Without this file the page says that passkeys need it, and offers the other ways.
"use strict";

(() => {
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // Browsers of the last years read the options themselves; for the others, what is bytes is made bytes here.
  const withBytes = (listed) => (listed || []).map((one) => ({ ...one, id: toBytes(one.id) }));
  const creationOptions = (json) =>
    PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
      ...json,
      challenge: toBytes(json.challenge),
      user: { ...json.user, id: toBytes(json.user.id) },
      excludeCredentials: withBytes(json.excludeCredentials),
    };
  const requestOptions = (json) =>
    PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? {
      ...json,
      challenge: toBytes(json.challenge),
      allowCredentials: withBytes(json.allowCredentials),
    };

  // Written out by hand: what password managers put in a credential's place often has no toJSON that works.
  const asJSON = (credential) => {
    const { response } = credential;
    const said = { clientDataJSON: toText(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) said[part] = toText(response[part]);
    }
    if (response.getTransports) said.transports = response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: {},
      response: said,
    });
  };

  const SAID = { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known" };

  const watch = (form) => {
    const { passkey: kind } = form.dataset;
    const { action, answer } = form.elements;
    const button = form.querySelector("button");
    const says = document.getElementById("passkey-says");
    const say = (what, mood) => {
      says.textContent = says.dataset[what] || "";
      says.className = mood ? `says ${mood}` : "says";
    };

    const send = (wanted) => {
      action.value = wanted;
      HTMLFormElement.prototype.submit.call(form);
    };

    // What is to be signed is asked for by the form itself; the page that answers holds it.
    const options = async () => {
      const given = form.dataset.options;
      delete form.dataset.options;
      if (given) return JSON.parse(given);
      action.value = "ask";
      const page = await fetch(form.getAttribute("action"), {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
      });
      const html = new DOMParser().parseFromString(await page.text(), "text/html");
      const found = html.querySelector("form[data-passkey]");
      return page.ok && found && found.dataset.options ? JSON.parse(found.dataset.options) : null;
    };

    const speak = async () => {
      const json = await options();
      if (!json) return send("ask"); // The server has something else to say, so its page is shown.
      const credential = kind === "create"
        ? await navigator.credentials.create({ publicKey: creationOptions(json) })
        : await navigator.credentials.get({ publicKey: requestOptions(json) });
      answer.value = asJSON(credential);
      return send("answer");
    };

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      say("waiting");
      try {
        await speak();
      } catch (fault) {
        say(SAID[fault.name] || "failed", "wrong");
        button.disabled = false;
        button.focus();
      }
    });
    addEventListener("pageshow", () => {
      button.disabled = false;
      say("");
    });
    form.querySelector(".with-script").hidden = false;
  };

  const speaks = window.PublicKeyCredential && navigator.credentials;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (speaks) watch(form);
    else form.querySelector(".without-passkeys").hidden = false;
  }
})();

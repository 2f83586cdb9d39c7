// Checks what is typed on the pages that ask, while it is typed.
// Nothing here is needed: the server checks the same again, and every page works without this file.
"use strict";

(() => {
  const PAUSE = 350;

  const say = (input, text, mood) => {
    const place = document.getElementById(`${input.id}-says`);
    if (!place) return;
    if (place.textContent !== text) place.textContent = text;
    place.className = mood ? `says ${mood}` : "says";
    if (mood === "wrong") input.setAttribute("aria-invalid", "true");
    else if (mood === "good") input.setAttribute("aria-invalid", "false");
    else input.removeAttribute("aria-invalid");
  };

  // A store's pattern is an administrator's text: one that this browser cannot read is left to the server.
  const patternOf = (input) => {
    if (!input.dataset.pattern) return null;
    try {
      return new RegExp(`^(?:${input.dataset.pattern})$`, "u");
    } catch {
      return null;
    }
  };

  const whileTyping = (input, check) => {
    let timer = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(check, PAUSE);
    });
    // What was typed before this file had come, or is put back by the browser, raises no event any more.
    if (input.value !== input.defaultValue) check();
  };

  const watchUsername = (form, input) => {
    const pattern = patternOf(input);
    let asked = 0;
    const ask = async (name, number) => {
      const body = new URLSearchParams({
        h: form.elements.h.value,
        form_token: form.elements.form_token.value,
        username: name,
      });
      try {
        const answer = await fetch("/sign-in/prompt/username", { method: "POST", body });
        if (number !== asked) return;
        if (!answer.ok) return say(input, "", "");
        const found = await answer.json();
        if (found.available) say(input, input.dataset.free, "good");
        else say(input, found.sentence, "wrong");
      } catch {
        if (number === asked) say(input, "", "");
      }
    };
    whileTyping(input, () => {
      const name = input.value;
      asked += 1;
      if (!name) return say(input, "", "");
      if (pattern && !pattern.test(name)) return say(input, input.dataset.rule, "wrong");
      say(input, input.dataset.checking, "");
      ask(name, asked);
    });
  };

  const watchPasswords = (first, second) => {
    const pattern = patternOf(first);
    const checkFirst = () => {
      if (!first.value) say(first, "", "");
      else if (pattern && !pattern.test(first.value)) say(first, first.dataset.rule, "wrong");
      else say(first, pattern ? first.dataset.good : "", pattern ? "good" : "");
    };
    const checkSecond = () => {
      if (!second.value) say(second, "", "");
      else if (second.value === first.value) say(second, second.dataset.good, "good");
      else say(second, second.dataset.rule, "wrong");
    };
    whileTyping(first, () => {
      checkFirst();
      checkSecond();
    });
    whileTyping(second, checkSecond);
  };

  const ours = ["/sign-in/prompt", "/sign-in/factor"].map((address) => `form[action='${address}']`);
  const forms = document.querySelectorAll(ours);
  const buttons = () => document.querySelectorAll(ours.map((form) => `${form} button`));

  // Sent once: a second press while the first is under way would only be told that the journey has moved on.
  // The button is switched off after the browser has read the form, since one that is off is not sent.
  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      setTimeout(() => {
        if (!event.defaultPrevented) buttons().forEach((button) => { button.disabled = true; });
      });
    });
  }
  addEventListener("pageshow", () => buttons().forEach((button) => { button.disabled = false; }));

  const answers = document.querySelector("form.answers");
  const username = answers && answers.elements.username;
  const password = answers && answers.elements.password;
  const again = answers && answers.elements.password_again;
  if (username && username.dataset.free) watchUsername(answers, username);
  if (password && again) watchPasswords(password, again);
})();

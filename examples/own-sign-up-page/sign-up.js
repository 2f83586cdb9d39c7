// A sign-up page of one's own for Jitney: it reads what to show by the key in its address, and posts the answers.
// Every text that comes from elsewhere is put in as text, never as markup.
"use strict";

const page = document.getElementById("page");
const key = new URLSearchParams(location.search).get("sessionDataKey") ?? "";
const typedBefore = JSON.parse(sessionStorage.getItem(`typed ${key}`) ?? "{}");

/** Makes an element: element("p", { class: "hint" }, "some text", anotherElement). */
const element = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes ?? {})) {
    if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

const hint = (id, text, mood) => element("span", { class: `hint ${mood}`, id, role: "status" }, text);

const setHint = (input, text, mood) => {
  const place = document.getElementById(`${input.id}-hint`);
  place.textContent = text;
  place.className = `hint ${mood}`;
  if (mood === "wrong") input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
};

const fieldRow = (asked, number) => {
  const id = `field-${number}`;
  const isPassword = asked.type === "password";
  const input = element("input", {
    id,
    name: asked.name,
    type: asked.type,
    autocomplete: asked.autocomplete,
    required: asked.required,
    value: isPassword ? null : typedBefore[asked.name] ?? asked.value,
    maxlength: 1024,
    "aria-describedby": `${id}-hint`,
    "aria-invalid": asked.problem ? "true" : null,
  });
  const says = asked.problem ? hint(`${id}-hint`, asked.problem.sentence, "wrong") : hint(`${id}-hint`, asked.rule ?? "", "");
  input.addEventListener("input", () => checkWhileTyping(input, asked));
  return element("div", { class: "field" }, element("label", { for: id }, asked.label), input, says);
};

// The same rules are checked again where the account is made; here they only help while typing.
const checkWhileTyping = (input, asked) => {
  const first = document.querySelector("input[name=password]");
  const second = document.querySelector("input[name=password_again]");
  let pattern = null;
  try {
    pattern = asked.pattern ? new RegExp(`^(?:${asked.pattern})$`, "u") : null;
  } catch {
    pattern = null;
  }
  if (pattern && input.value && !pattern.test(input.value)) setHint(input, asked.rule, "wrong");
  else setHint(input, asked.rule ?? "", "");
  if (second && second.value && (input === first || input === second)) {
    const same = first.value === second.value;
    setHint(second, same ? "The two passwords are the same." : "The two passwords are not the same yet.", same ? "good" : "wrong");
  }
};

const purposeRow = (purpose, number) =>
  element(
    "fieldset",
    null,
    element("legend", null, purpose.name),
    element("input", { type: "hidden", name: purpose.field, value: purpose.value }),
    element("p", null, purpose.description),
    ...purpose.attributes.flatMap((attribute, at) => {
      const id = `purpose-${number}-${at}`;
      const box = element("input", {
        type: "checkbox",
        id,
        name: attribute.field,
        value: attribute.value,
        required: attribute.mandatory,
        checked: attribute.field in typedBefore,
        "aria-describedby": attribute.problem ? `${id}-hint` : null,
        "aria-invalid": attribute.problem ? "true" : null,
      });
      const label = attribute.mandatory ? `${attribute.label} (needed)` : attribute.label;
      return [
        element("label", { class: "box", for: id }, box, element("span", null, label, element("small", null, attribute.values.join(", ")))),
        attribute.problem ? hint(`${id}-hint`, attribute.problem.sentence, "wrong") : null,
      ];
    }),
  );

const storedRows = (told) => {
  const rows = told.attributes.flatMap((attribute) => [
    element("dt", null, attribute.label),
    ...attribute.values.map((value) => element("dd", null, element("bdi", null, value))),
  ]);
  if (told.roles.length) rows.push(element("dt", null, "Roles"), ...told.roles.map((role) => element("dd", null, role)));
  return rows.length ? [element("h2", null, "What is stored about you"), element("p", null, `${told.provider} sent this. It is kept with your account.`), element("dl", null, ...rows)] : [];
};

/** A form with the key and one or more buttons; everything that this page sends goes through one. */
const postForm = (server, attributes, ...children) =>
  element("form", { method: "post", action: `${server}/commonauth`, ...attributes }, element("input", { type: "hidden", name: "sessionDataKey", value: key }), ...children);

const show = (server, told) => {
  const asksMandatory = told.purposes.some((purpose) => purpose.attributes.some((attribute) => attribute.mandatory));
  const answers = postForm(
    server,
    { id: "answers" },
    told.problems.length || told.fields.some((field) => field.problem)
      ? element("div", { class: "wrong-box", role: "alert" }, told.problems.map((problem) => problem.sentence).join(" ") || "Please look at this again.")
      : null,
    element("h2", null, "Your library card"),
    told.username.may_change
      ? null
      : element("div", { class: "field" }, element("label", { for: "fixed" }, "User name"), element("input", { id: "fixed", value: told.username.value, readonly: true, autocomplete: "username" })),
    ...told.fields.map(fieldRow),
    ...storedRows(told),
    told.purposes.length ? element("h2", null, "What you agree to") : null,
    ...told.purposes.map(purposeRow),
    element("button", { class: "main", name: "action", value: "answer" }, asksMandatory ? "Agree and get the card" : "Get the card"),
  );
  answers.addEventListener("submit", keepTyped);
  page.replaceChildren(
    element(
      "div",
      { class: "from" },
      element("p", null, "You come from ", element("strong", null, told.provider), " as ", element("bdi", null, told.account)),
      postForm(server, null, element("button", { name: "action", value: "another" }, "Use another account")),
    ),
    answers,
    postForm(
      server,
      { class: "ways-out" },
      told.may_link ? element("button", { name: "action", value: "link" }, "I already have an account") : null,
      asksMandatory ? element("button", { name: "action", value: "decline" }, "I do not agree") : null,
      element("button", { name: "action", value: "cancel" }, told.application ? `Cancel, back to ${told.application}` : "Cancel"),
    ),
    element("p", { class: "reference" }, "Reference ", element("code", null, told.reference)),
  );
  document.querySelector("[aria-invalid=true]")?.focus();
};

// After a wrong answer Jitney sends the browser back here, and keeps nothing that was typed; so this page does,
// for this tab, and never a password.
const keepTyped = (event) => {
  const kept = {};
  for (const input of event.target.elements) {
    const isKept = input.name && input.name !== "sessionDataKey" && !["password", "hidden", "submit"].includes(input.type);
    if (isKept && (input.type !== "checkbox" || input.checked)) kept[input.name] = input.value;
  }
  sessionStorage.setItem(`typed ${key}`, JSON.stringify(kept));
};

const tell = (heading, text) => page.replaceChildren(element("h2", null, heading), element("p", null, text));

const start = async () => {
  try {
    const { jitney } = await (await fetch("settings.json")).json();
    const answer = await fetch(`${jitney}/api/v1/prompts/${encodeURIComponent(key)}`, { credentials: "omit" });
    const told = await answer.json();
    if (!answer.ok) tell("This page is over", told.message);
    else if (told.mode === null) location.replace(told.go_on);
    else show(jitney, told);
  } catch {
    tell("We cannot reach the sign-in", "Please try again in a few minutes.");
  }
};

start();

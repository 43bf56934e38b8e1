// YASGUI's editor over the field of the query page. Without it the field is there as it was, and everything works.
import terms from "../sparql-terms.js";

const form = document.querySelector("form.query");
const area = form.querySelector("textarea");
const MOST = 50;

// What fits what was typed: names that begin with it, then names and labels that hold it.
function fitting(known, typed) {
  const wanted = typed.toLowerCase();
  const first = [], second = [];
  for (const [name, label] of known) {
    const at = name.toLowerCase().indexOf(wanted);
    if (at === 0) first.push([name, label]);
    else if (at > 0 || label.toLowerCase().includes(wanted)) second.push([name, label]);
  }
  return [...first, ...second].slice(0, MOST);
}

const labels = new Map([...terms.properties, ...terms.classes]);
const prefixes = Object.entries(terms.prefixes).map(([prefix, space]) => [`${prefix}:`, space]);
for (const [prefix, space] of prefixes) labels.set(prefix, space);

// Which classes the subject at a place of a query is said to be of, anywhere in it.
const TOKEN = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|<[^<>\s]*>|#[^\n]*|[?$]\w+|[\w-]*:(?:[\w/#-]|\.(?=[\w/#-]))*|\w+|\S/g;

function classesAt(text, end) {
  const stated = new Map();
  let subject, verb, here;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token[0] === "#") continue;
    if (".{}".includes(token)) subject = verb = undefined;
    else if (token === ";") verb = undefined;
    else if (subject === undefined) subject = token;
    else if (verb === undefined) verb = token;
    else if (verb === "a" || verb === "rdf:type") stated.set(subject, [...(stated.get(subject) ?? []), token]);
    if (index < end) here = subject;
  }
  return stated.get(here) ?? [];
}

const places = new Map(terms.classes.map(([name], place) => [name, place]));

// All properties, those of the things of a class first.
function propertiesAt(yasqe, token) {
  const text = yasqe.getValue();
  const end = yasqe.getDoc().indexFromPos({ line: yasqe.getDoc().getCursor().line, ch: token.start });
  const own = new Set(classesAt(text, end).flatMap((name) => terms.of[places.get(name)] ?? []));
  return [...[...own].map((place) => terms.properties[place]), ...terms.properties.filter((_, place) => !own.has(place))];
}

// After `a`, a class is meant; where a property may stand, a property; anywhere in a name, a prefix.
function known(yasqe, token) {
  const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
  if (before.string === "a" || before.string === "rdf:type") return terms.classes;
  if (token.state.possibleCurrent.includes("a")) return propertiesAt(yasqe, token);
  return token.string.includes(":") ? [...terms.properties, ...terms.classes] : prefixes;
}

Yasqe.registerAutocompleter(
  {
    name: "own",
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (yasqe) => /^[^\s?$<"'{}()@#.;,&|=!*/+^-][^\s"']*$/.test(yasqe.getCompleteToken().string),
    get: (yasqe, token) =>
      fitting(known(yasqe, token), token.string)
        .map(([name]) => name)
        .filter((name) => name !== token.string),
    postprocessHints: (_, hints) =>
      hints.map((hint) => ({
        ...hint,
        render: (element) => {
          const label = document.createElement("span");
          label.textContent = labels.get(hint.text) ?? "";
          element.append(hint.text, " ", label);
        },
      })),
  },
  false,
);

// What is given to the editor itself is merged with its defaults, lists place by place: its completers ask other hosts.
Yasqe.defaults.autocompleters = ["own", "variables"];
Yasqe.defaults.gutters = ["gutterErrorBar", "CodeMirror-linenumbers"];
Yasqe.defaults.foldGutter = false;

const host = document.createElement("div");
host.className = "editor";

const yasqe = new Yasqe(host, {
  value: "",
  // Nothing is kept in the browser: the address of a query is all there is to it.
  persistenceId: null,
  createShareableLink: null,
  consumeShareLink: null,
  showQueryButton: false,
  resizeable: false,
  editorHeight: "auto",
  viewportMargin: Infinity,
  inputStyle: "textarea",
  extraKeys: {
    // WCAG 2.2, 2.1.2: Tab leads on, as from any other field.
    Tab: false,
    "Shift-Tab": false,
    "Ctrl-S": false,
    "Ctrl-Enter": () => form.requestSubmit(),
    "Cmd-Enter": () => form.requestSubmit(),
  },
});

// Known prefixes need no declaration: without this the editor would take each for a fault.
const mode = yasqe.getMode();
const { startState } = mode;
mode.startState = (...given) => ({ ...startState(...given), prefixes: { ...terms.prefixes } });
yasqe.setValue(area.value);
yasqe.clearHistory();

const field = yasqe.getInputField();
field.setAttribute("aria-label", area.labels[0].textContent);
for (const name of ["aria-describedby", "aria-invalid"]) {
  if (area.hasAttribute(name)) field.setAttribute(name, area.getAttribute(name));
}
yasqe.on("change", () => { area.value = yasqe.getValue(); });

// The place of a fault that the endpoint has found.
function markFault() {
  const { line, column } = area.dataset;
  if (!line) return;
  const from = { line: Number(line) - 1, ch: Number(column) - 1 };
  const end = Math.max(from.ch + 1, yasqe.getTokenAt({ line: from.line, ch: from.ch + 1 }).end);
  yasqe.getDoc().markText(from, { line: from.line, ch: end }, { className: "fault" });
  yasqe.getDoc().setCursor(from);
}

const [PLAIN, EDITOR] = area.dataset.words.split("|");

// Who would rather have the plain field takes it: for this page, or until the other button is pressed.
const swap = document.createElement("button");
swap.type = "button";
swap.className = "plain";

function show(editing) {
  if (editing && yasqe.getValue() !== area.value) yasqe.setValue(area.value);
  host.hidden = !editing;
  area.hidden = editing;
  swap.textContent = editing ? PLAIN : EDITOR;
  if (editing) yasqe.refresh();
}

swap.addEventListener("click", () => {
  show(host.hidden);
  (host.hidden ? area : field).focus();
});
form.querySelector("label").addEventListener("click", () => { if (!host.hidden) yasqe.focus(); });
area.after(host);
form.querySelector("button[type=submit]").after(swap);
show(true);
markFault();

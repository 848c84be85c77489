"use strict";
const $ = (id) => document.getElementById(id);
const secrets = new Map();
let latest = null;

async function call(method, path, body) {
  const response = await fetch("/_emulator" + path, { method, body: body && JSON.stringify(body) });
  const data = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(data.error || "Status " + response.status);
  return data;
}

/* Elements */

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* The accessible name begins with the visible text, so that users of voice control can say the text. */
function button(text, what, work, message = "webhook-message") {
  const made = element("button", { type: "button", "aria-label": `${text} ${what}` }, text);
  made.addEventListener("click", () => act(work, message));
  return made;
}

function cell([content, style = ""], label) {
  const children = Array.isArray(content) ? content : [content];
  return element("td", { "data-label": label, class: style + (content === "" ? " empty" : "") }, ...children);
}

/* A table keeps the elements of rows that did not change, so that the focus and selected text stay. */
function showTable(place, { caption, columns, rows, nothing }) {
  let table = place.querySelector("table");
  if (!rows.length) {
    if (table || !place.firstChild) place.replaceChildren(element("p", { class: "soft" }, nothing));
    return;
  }
  if (!table) {
    const names = columns.map((column) => element("th", { scope: "col" }, column || element("span", {}, "Actions")));
    table = element("table", { "aria-label": caption }, element("thead", {}, element("tr", {}, ...names)), element("tbody", {}));
    place.replaceChildren(table);
  }
  const body = table.tBodies[0];
  const kept = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const wanted = rows.map((row) => existingRow(kept.get(row.key), row) ?? newRow(columns, row));
  for (const row of kept.values()) if (!wanted.includes(row)) replaceRow(row, wanted);
  let next = body.firstChild;
  for (const row of wanted) {
    if (row === next) next = next.nextSibling;
    else body.insertBefore(row, next);
  }
}

function existingRow(row, { facts }) {
  return row && row.dataset.facts === JSON.stringify(facts) ? row : undefined;
}

function newRow(columns, { key, facts, cells }) {
  const drawn = cells().map((content, index) => cell(content, columns[index]));
  return element("tr", { "data-key": key, "data-facts": JSON.stringify(facts) }, ...drawn);
}

/* Move the focus to the button at the same position in the new row. */
function replaceRow(row, wanted) {
  const successor = wanted.find((other) => other.dataset.key === row.dataset.key);
  const index = [...row.querySelectorAll("button")].indexOf(document.activeElement);
  if (!successor) return row.remove();
  row.replaceWith(successor);
  if (index >= 0) successor.querySelectorAll("button")[index]?.focus();
}

const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString();
const pretty = (value) => typeof value === "string" ? value : JSON.stringify(value, null, 2);

/* Webhooks */

function showProjects({ projects, quota }) {
  for (const [project, webhooks] of Object.entries(projects)) {
    let place = [...$("projects").children].find((child) => child.dataset.project === project);
    if (!place) {
      place = element("div", { "data-project": project },
        element("h3", {}, element("code", {}, project), " ", element("span", {})), element("div", {}));
      $("projects").append(place);
    }
    setText(place.querySelector("span"), `${webhooks.length} of ${quota} webhooks`);
    showTable(place.lastChild, {
      caption: "Webhooks of project " + project,
      columns: ["Target", "Triggers", "Id", "Secret", ""],
      rows: webhooks.map((webhook) => ({
        key: webhook.id,
        facts: [webhook, secrets.get(webhook.id)],
        cells: () => [
          [webhook.target],
          [webhook.triggers.join(", ")],
          [webhook.id, "mono"],
          [secrets.get(webhook.id) ?? "", "mono"],
          [webhookActions(webhook), "actions"],
        ],
      })),
      nothing: "No webhooks.",
    });
  }
  for (const child of [...$("projects").children]) if (!(child.dataset.project in projects)) child.remove();
}

function webhookActions(webhook) {
  const toggle = secrets.has(webhook.id)
    ? button("Hide secret", "of " + webhook.target, async () => secrets.delete(webhook.id))
    : button("Show secret", "of " + webhook.target,
      async () => secrets.set(webhook.id, (await call("GET", `/webhooks/${webhook.id}/secret`)).secret));
  return [
    toggle,
    button("Edit", webhook.target, async () => edit(webhook)),
    button("Delete", webhook.target, () => call("DELETE", "/webhooks/" + webhook.id)),
  ];
}

let edited = null;

function edit(webhook) {
  edited = webhook;
  const form = $("webhook");
  form.reset();
  const projects = Object.keys(latest?.projects ?? {});
  form.project_id.replaceChildren(...projects.map((name) => element("option", {}, name)));
  $("editor-project").hidden = Boolean(webhook);
  $("editor-title").textContent = webhook ? "Edit " + webhook.target : "Create a webhook";
  $("save").textContent = webhook ? "Save" : "Create";
  form.target.required = !webhook;
  form.target.placeholder = webhook ? "leave empty to keep the target" : "https://hooks.example.com/in";
  form.secret.placeholder = webhook ? "leave empty to keep the secret" : "leave empty for a sample secret";
  $("editor-message").textContent = "";
  const chosen = new Set(webhook ? webhook.triggers : ["ALL"]);
  for (const box of form.querySelectorAll("[name=triggers]")) box.checked = chosen.delete(box.value);
  form.others.value = [...chosen].join(" ");
  $("editor").showModal();
}

$("create").addEventListener("click", () => edit(null));
$("cancel").addEventListener("click", () => $("editor").close());
$("webhook").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const others = form.get("others").split(/[\s,]+/).filter(Boolean);
  const body = { triggers: [...form.getAll("triggers"), ...others] };
  for (const name of ["target", "secret"]) if (form.get(name)) body[name] = form.get(name);
  act(async () => {
    if (edited) await call("PATCH", "/webhooks/" + edited.id, body);
    else await call("POST", "/webhooks", { ...body, project_id: form.get("project_id") });
    if (body.secret && edited) secrets.delete(edited.id);
    $("editor").close();
  }, "editor-message");
});

/* Events */

const CHECKS = {
  "verifies": ["verifies with the present secret", "good"],
  "secret changed": ["made with another secret than the present one", "bad"],
  "webhook deleted": ["the webhook is deleted", "soft"],
};

function showDeliveries(deliveries) {
  const { trigger, result } = Object.fromEntries(new FormData($("delivery-filter")));
  const rows = deliveries.filter((delivery) => delivery.trigger.includes(trigger.toUpperCase())
    && (!result || delivery.accepted === (result === "accepted")));
  showTable($("deliveries"), {
    caption: "Deliveries, newest first",
    columns: ["Time", "Event", "Target", "Attempt", "Response", "Signature", ""],
    rows: rows.reverse().map((delivery) => ({
      key: String(delivery.number),
      facts: delivery,
      cells: () => [
        [time(delivery.time), "fixed"],
        [delivery.trigger],
        [delivery.forwarded_to ? `${delivery.target} (forwarded to ${delivery.forwarded_to})` : delivery.target, "mono"],
        [delivery.resend_of ? "resent" : String(delivery.attempt)],
        [delivery.status === null ? delivery.problem : String(delivery.status), delivery.accepted ? "good" : "bad"],
        CHECKS[delivery.signature],
        [[
          button("Details", "of delivery " + delivery.number, async () => showDelivery(delivery)),
          button("Resend", "delivery " + delivery.number, () => resend(delivery), "event-message"),
        ], "actions"],
      ],
    })),
    nothing: deliveries.length ? "No delivery matches the filter." : "No deliveries yet.",
  });
}

function outcome(deliveries) {
  const webhooks = new Set(deliveries.map((delivery) => delivery.webhook_id));
  const accepted = deliveries.filter((delivery) => delivery.accepted).length;
  const targets = webhooks.size === 1 ? "1 webhook" : `${webhooks.size} webhooks`;
  return `Sent ${deliveries[0].trigger} to ${targets}: ${accepted} accepted, ${webhooks.size - accepted} failed.`;
}

async function resend(delivery) {
  const { deliveries } = await call("POST", `/deliveries/${delivery.number}/resend`);
  return outcome(deliveries);
}

$("event").addEventListener("submit", (event) => {
  event.preventDefault();
  const { trigger, project_id, webhook_id, attempts, payload } = Object.fromEntries(new FormData(event.target));
  busy($("send"), "Sending…", () => act(async () => {
    const body = { trigger, project_id, attempts: Number(attempts) };
    if (webhook_id) body.webhook_id = webhook_id;
    if (payload) body.payload = parsed(payload);
    const { deliveries, note } = await call("POST", "/deliver", body);
    return note ?? outcome(deliveries);
  }, "event-message"));
});

function parsed(text) {
  try { return JSON.parse(text); } catch { throw new Error("The payload must be valid JSON."); }
}

/* Only mark the button as disabled. A button that is really disabled would lose the focus. */
async function busy(control, text, work) {
  if (control.getAttribute("aria-disabled")) return;
  const before = control.textContent;
  control.setAttribute("aria-disabled", "true");
  control.textContent = text;
  $("event-message").textContent = text;
  await work();
  control.textContent = before;
  control.removeAttribute("aria-disabled");
}

function showChoices({ projects, forward_to }) {
  setOptions($("project-choice"), Object.keys(projects).map((name) => [name, name]));
  const webhooks = projects[$("project-choice").value] ?? [];
  setOptions($("webhook-choice"), [["", "all with the event"], ...webhooks.map(({ id, target }) => [id, target])]);
  setText($("destination"), forward_to
    ? `Events go to ${forward_to} instead of the targets.`
    : "The emulator sends real requests to the targets of the webhooks that have this event, or ALL, as a trigger.");
}

function setOptions(select, options) {
  const text = JSON.stringify(options);
  if (select.dataset.options === text) return;
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, label]) => element("option", { value }, label)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
  select.dataset.options = text;
}

function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

$("project-choice").addEventListener("change", () => latest && showChoices(latest));

/* Requests */

function showRequests(entries) {
  const { method, path, status } = Object.fromEntries(new FormData($("journal-filter")));
  const rows = entries.filter((entry) => (!method || entry.method === method) && entry.path.includes(path)
    && (!status || String(entry.status ?? "none").startsWith(status)));
  showTable($("journal"), {
    caption: "Requests, newest first",
    columns: ["Time", "Request", "Sent", "Status", "Fault", ""],
    rows: rows.reverse().map((entry) => ({
      key: String(entry.number),
      facts: entry,
      cells: () => [
        [time(entry.time), "fixed"],
        [entry.method + " " + entry.path + (entry.query && "?" + entry.query), "mono"],
        [entry.body === null ? "" : element("div", {}, JSON.stringify(entry.body)), "mono clip"],
        [entry.status === null ? "none" : String(entry.status), entry.status && entry.status < 400 ? "good" : "bad"],
        [entry.fault, "bad"],
        [[button("Details", "of request " + entry.number, async () => showRequest(entry))], "actions"],
      ],
    })),
    nothing: entries.length ? "No request matches the filter." : "No requests yet.",
  });
}

/* Drawer */

function openDrawer(title, facts, parts) {
  $("drawer-title").textContent = title;
  const list = element("dl", {});
  for (const [name, value] of facts) list.append(element("dt", {}, name), element("dd", {}, String(value)));
  const blocks = parts.flatMap(([name, value]) => [element("h3", {}, name), element("pre", {}, pretty(value ?? "none"))]);
  $("drawer-content").replaceChildren(list, ...blocks);
  $("drawer").showModal();
}

function showRequest(entry) {
  openDrawer(`Request ${entry.number}`, [
    ["Request", entry.method + " " + entry.path], ["Query", entry.query || "none"], ["Status", entry.status ?? "no response"],
    ["Duration", entry.milliseconds === null ? "pending" : entry.milliseconds + " ms"], ["Fault", entry.fault || "none"],
    ["Authorization", entry.authorization || "none"], ["User agent", entry.user_agent || "none"], ["Connection", entry.connection],
  ], [["Body of the request", entry.body], ["Headers of the response", entry.response_headers], ["Body of the response", entry.response_body]]);
}

function showDelivery(delivery) {
  openDrawer(`Delivery ${delivery.number}`, [
    ["Event", delivery.trigger], ["Target", delivery.target], ["Forwarded to", delivery.forwarded_to || "no"],
    ["Webhook", delivery.webhook_id], ["Status", delivery.status ?? "no response"], ["Problem", delivery.problem || "none"],
    ["Duration", delivery.milliseconds + " ms"], ["Signature", CHECKS[delivery.signature][0]],
  ], [["Headers", delivery.headers], ["Body", delivery.body]]);
}

$("drawer-close").addEventListener("click", () => $("drawer").close());

/* Faults */

function howMany({ times, kind }) {
  if (times === null || kind === "page_loop") return "and all later calls";
  return times === 1 ? "only" : `and ${times - 1} more`;
}

function showFaults(faults) {
  showTable($("faults"), {
    caption: "Faults",
    columns: ["Fault", "Calls", "Hit", ""],
    rows: faults.map((fault) => ({
      key: String(fault.number),
      facts: fault,
      cells: () => [
        [[fault.kind, fault.status, fault.after_commit ? "after the commit" : ""].filter(Boolean).join(" ")],
        [`${fault.method || "any method"} ${fault.path}, call ${fault.nth} ${howMany(fault)}`],
        [`${fault.hit} of ${fault.seen} calls${fault.spent ? ", used up" : ""}`, fault.spent ? "soft" : ""],
        [[button("Remove", "fault " + fault.number, () => call("DELETE", "/faults/" + fault.number), "problem")], "actions"],
      ],
    })),
    nothing: "No faults: everything works.",
  });
}

const STATUS_OF_KIND = { status: "503", html: "502", empty: "" };

/* Show only the fields that the chosen kind of fault uses. */
$("fault").kind.addEventListener("change", ({ target }) => {
  const form = $("fault");
  $("fault-status").hidden = !(target.value in STATUS_OF_KIND);
  form.status.value = STATUS_OF_KIND[target.value] ?? "";
  form.status.required = target.value === "status";
  $("fault-delay").hidden = target.value !== "delay";
});
$("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const { kind, method, path, nth, times, status, delay } = Object.fromEntries(new FormData(event.target));
  const fault = { kind, path, nth: Number(nth), times: times ? Number(times) : null };
  if (method) fault.method = method;
  if (status && kind in STATUS_OF_KIND) fault.status = Number(status);
  if (kind === "delay") fault.delay = Number(delay);
  act(() => call("POST", "/faults", fault), "problem");
});
for (const made of document.querySelectorAll("[data-fault]"))
  made.addEventListener("click", () => act(() => call("POST", "/faults", JSON.parse(made.dataset.fault)), "problem"));
for (const made of document.querySelectorAll("[data-call]"))
  made.addEventListener("click", () => act(async () => { await call(...made.dataset.call.split(" ")); }, made.dataset.message));

/* Updates */

async function refresh() {
  try {
    const paths = ["/info", "/faults", "/deliveries?limit=100", "/journal?limit=100"];
    const [info, { faults }, { deliveries }, { entries }] = await Promise.all(paths.map((path) => call("GET", path)));
    latest = { ...info, deliveries, entries };
    showProjects(info);
    showChoices(info);
    showFaults(faults);
    showDeliveries(deliveries.slice());
    showRequests(entries.slice());
    setText($("state"), "");
  } catch {
    setText($("state"), "The emulator does not respond. Is it still running?");
  }
}

for (const id of ["delivery-filter", "journal-filter"]) {
  $(id).addEventListener("submit", (event) => event.preventDefault());
  $(id).addEventListener("input", () => {
    if (!latest) return;
    showDeliveries(latest.deliveries.slice());
    showRequests(latest.entries.slice());
  });
}

/* `work` returns a sentence to show on the page, or nothing. */
async function act(work, message) {
  const place = $(message);
  try {
    const sentence = await work();
    place.classList.remove("bad");
    place.textContent = typeof sentence === "string" ? sentence : "";
  } catch (error) {
    place.classList.add("bad");
    place.textContent = error.message;
  }
  await refresh();
}

(async function follow() {
  if (!document.hidden) await refresh();
  setTimeout(follow, 1000);
})();

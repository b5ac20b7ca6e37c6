// The room as the server tells it → the chat on the page. A publisher's text only ever becomes a text node.
"use strict";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote" };
const EVERY = 400; // milliseconds between two looks
const list = document.getElementById("messages");
const toast = document.getElementById("toast");
const drawn = new Map(); // message id → what it was drawn from
let version = -1;
let toasts = 0;
let hiding = 0;

function isWeb(address) {
  return /^https?:\/\//i.test(address);
}

function wrap(entity) {
  if (entity.type === "text_link" && isWeb(entity.url)) return link(entity.url);
  return document.createElement(TAGS[entity.type] || "span");
}

function link(address) {
  const a = document.createElement("a");
  a.href = address;
  a.target = "_blank";
  a.rel = "noopener noreferrer";
  return a;
}

// Entities nest and never cross (Bot API, formatting options); offsets are UTF-16 units, as in JavaScript.
function draw(parent, text, start, end, entities) {
  let at = start;
  for (let i = 0; i < entities.length; i++) {
    const one = entities[i];
    const stop = Math.min(one.offset + one.length, end);
    if (one.offset < at) continue;
    parent.append(text.slice(at, one.offset));
    const inner = entities.slice(i + 1).filter((other) => other.offset < stop);
    const element = wrap(one);
    draw(element, text, one.offset, stop, inner);
    parent.append(element);
    at = stop;
  }
  parent.append(text.slice(at, end));
}

function bubble(message) {
  const item = document.createElement("li");
  item.className = message.mine ? "mine" : "theirs";
  const body = document.createElement("div");
  body.className = "bubble";
  const entities = [...message.entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  if (message.photo) {
    const image = document.createElement("img");
    image.src = message.photo;
    image.alt = message.text;
    body.append(image);
  }
  draw(body, message.text, 0, message.text.length, entities);
  item.append(body);
  message.keyboard.forEach((row, y) => {
    const line = document.createElement("div");
    line.className = "keys";
    row.forEach((key, x) => line.append(keyOf(message.id, key, y, x)));
    item.append(line);
  });
  return item;
}

function keyOf(id, key, y, x) {
  if (key.url && isWeb(key.url)) {
    const a = link(key.url);
    a.className = "key";
    a.append(key.text);
    return a;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "key";
  button.append(key.text);
  button.addEventListener("click", () => post("press", { message: id, row: y, column: x }));
  return button;
}

function show(room) {
  const low = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const present = new Set(room.messages.map((message) => message.id));
  for (const [id, old] of drawn) {
    if (!present.has(id)) { old.item.remove(); drawn.delete(id); }
  }
  for (const message of room.messages) {
    const from = JSON.stringify(message);
    const old = drawn.get(message.id);
    if (old && old.from === from) continue;
    const item = bubble(message);
    if (old) old.item.replaceWith(item); else list.append(item);
    drawn.set(message.id, { from, item });
  }
  if (low) list.scrollTop = list.scrollHeight;
  for (const one of room.toasts.slice(toasts)) say(one);
  toasts = room.toasts.length;
  document.getElementById("start").hidden = room.messages.length > 0;
  const news = document.getElementById("news");
  news.disabled = room.moment >= room.moments;
  if (news.disabled) news.textContent = news.dataset.over;
}

function say(one) {
  toast.textContent = one.text;
  toast.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.classList.remove("shown"), one.alert ? 9000 : 4000);
}

async function post(what, value) {
  const answer = await fetch(what, { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value || {}) });
  if (!answer.ok) say({ text: await answer.text(), alert: true });
  return answer.ok;
}

async function look() {
  try {
    const answer = await fetch(`room?version=${version}`, { cache: "no-store" });
    if (answer.status === 200) {
      const room = await answer.json();
      version = room.version;
      show(room);
    }
    document.body.classList.remove("gone");
  } catch {
    document.body.classList.add("gone");
  }
  setTimeout(look, EVERY);
}

document.getElementById("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("text");
  if (field.value.trim()) post("say", { text: field.value });
  field.value = "";
});
for (const button of document.querySelectorAll("[data-say]")) {
  button.addEventListener("click", () => post("say", { text: button.dataset.say }));
}
document.getElementById("news").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  button.disabled = true;
  await post("news");
  version = -1;
});
look();

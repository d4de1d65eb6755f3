// Talking with the office: what is asked, and what its refusals mean for this telephone.

import { know, note, wipe } from "./store.js";

// A refusal. `wait` is after how many seconds the office wants to be asked again.
export class Refused extends Error {
  constructor(status, problem, wait) {
    super(problem.detail || String(status));
    this.status = status;
    this.code = problem.code || "";
    this.wait = wait;
  }
}

// Ask /api/sync/<what>; with a body it is sent. Raises Refused, and TypeError without network.
export async function ask(what, body) {
  const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
    options.headers["X-CSRFToken"] = await token();
  }
  const answer = await fetch(`/api/sync/${what}`, options);
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) {
    await note({ trouble: "" });
    return told;
  }
  const refused = new Refused(answer.status, told, Number(answer.headers.get("Retry-After")) || 0);
  const known = ["device_cut_off", "device_taken"].includes(refused.code);
  if (known) await wipe();  // what lies here is not for whoever holds the telephone now
  await note({ trouble: known ? refused.code : answer.status === 401 ? "signed_out" : "" });
  throw refused;
}

// The page reads it from its cookie; the worker, which sees no cookies, from what the page noted.
async function token() {
  if (typeof document === "undefined") return (await know("csrf")) || "";
  const found = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
  const csrf = found ? found[1] : "";
  await note({ csrf });
  return csrf;
}

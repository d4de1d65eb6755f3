// What makes the pages quicker to use. Every page works without it.
(function () {
  "use strict";
  document.documentElement.classList.add("js");

  // Pressing twice is harmless: the second press does nothing. The button is marked, not disabled,
  // because a disabled button would not send its name.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    // Not form.method: a field of that name (how it was paid) would stand before it.
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
    if (form.dataset.draft) keep(form, true);
  });
  // Coming back with the browser's arrow shows the page as it was left: let it be sent again.
  window.addEventListener("pageshow", release);
  document.addEventListener("htmx:afterRequest", release);
  function release() {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach(function (button) {
        button.removeAttribute("aria-disabled");
      });
    });
  }

  // A choice in a select with data-submit sends its form.
  document.addEventListener("change", function (event) {
    if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  });

  // A draft (data-draft="<act>-<row>") survives a lost connection or a closed page. It keeps the
  // form's key too: sent again after an answer that never came, it is still the same act.
  var kept = "[name=key], input:not([type=hidden]):not([type=password]):not([type=file]), select, textarea";
  function place(form) {
    return "draft:" + form.dataset.draft;
  }
  function keep(form, sent) {
    var values = {};
    form.querySelectorAll(kept).forEach(function (field) {
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) values[field.name] = (values[field.name] || []).concat(field.value);
      } else if (field.name) {
        values[field.name] = [field.value];
      }
    });
    store(place(form), JSON.stringify({ sent: sent, values: values }));
  }
  function store(name, text) {
    try {
      localStorage.setItem(name, text);
    } catch (refused) {
      return;  // private browsing, or full: pages work without drafts
    }
  }
  function read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch (refused) {
      return null;
    }
  }
  function restore(form) {
    var draft = read(place(form));
    // The server's own answer (a form with errors) is newer than any draft.
    if (!draft || !draft.values || form.querySelector("[aria-invalid=true], .alert.bad")) return;
    form.querySelectorAll(kept).forEach(function (field) {
      var value = draft.values[field.name];
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = Boolean(value && value.includes(field.value));
      } else if (value) {
        field.value = value[0];
      }
    });
  }
  // A draft that was sent is done with as soon as the server shows another page, or its thanks.
  function clear() {
    var open = Array.from(document.querySelectorAll("form[data-draft]"), place);
    var thanked = document.querySelector(".alert.good[role=status]");
    var names;
    try {
      names = Object.keys(localStorage);
    } catch (refused) {
      return;
    }
    names.forEach(function (name) {
      if (!name.startsWith("draft:") || (open.includes(name) && !thanked)) return;
      var draft = read(name);
      if (!draft || draft.sent) localStorage.removeItem(name);
    });
  }
  clear();
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    restore(form);
    form.addEventListener("input", function () { keep(form, false); });
  });

  // An amount is grouped when it is left, so that a missing zero is seen.
  document.addEventListener("focusout", function (event) {
    var field = event.target;
    if (!field.matches || !field.matches("input.amount")) return;
    var digits = field.value.replace(/[\s\u00a0\u202f]/g, "");
    if (/^\d{4,12}$/.test(digits)) field.value = digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  });

  // Notes that are counted (data-count): what each kind is worth, and all of them.
  function grouped(number) {
    return number ? String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f") : "–";
  }
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (!form || !form.matches("form[data-count]") || !event.target.dataset.worth) return;
    var total = 0;
    form.querySelectorAll("[data-worth]").forEach(function (field) {
      var digits = field.value.replace(/[\s\u00a0\u202f]/g, "");
      var worth = /^\d{1,12}$/.test(digits) ? digits * field.dataset.worth : 0;
      var shown = form.querySelector('output[for="' + field.id + '"]');
      if (shown) shown.textContent = grouped(worth);
      total += worth;
    });
    form.querySelector("[data-total]").textContent = grouped(total);
  });

  // Payments in series (data-series): Enter goes on to the next field; in the last one of a row it
  // sends the row, whose answer takes its place. After the last row there are ten fresh ones.
  document.addEventListener("keydown", function (event) {
    var row = event.key === "Enter" && event.target.closest("form[data-series] fieldset");
    if (!row || !window.htmx) return;
    event.preventDefault();
    var fields = Array.from(row.querySelectorAll("input:not([type=hidden]), select"));
    var next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus();
    else window.htmx.trigger(row, "complete");
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    var rows = Array.from(document.querySelectorAll("form[data-series] .series-row"));
    if (!rows.includes(event.target)) return;
    var wrong = event.target.querySelector("select, [aria-invalid=true], input.amount");
    var open = rows.slice(rows.indexOf(event.target) + 1).find(function (row) {
      return row.matches("fieldset");
    });
    if (event.target.matches("fieldset")) wrong.focus();
    else if (open) open.querySelector("input:not([type=hidden])").focus();
    else location.reload();
  });

  // "/" goes to the search; Escape closes an open menu.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.user[open]").forEach(function (menu) { menu.open = false; });
      if (location.hash === "#menu") location.hash = "";
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    var search = document.getElementById("search");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  });
})();

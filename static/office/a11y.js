// Names for what Django's pages leave without one: choosers drawn by select2, cells of lines, tooltips, empty headers.
"use strict";

(function nameTheNameless() {
  const words = (element) => (element ? element.textContent.replace(/\s+/g, " ").replace(/\s*:\s*$/, "").trim() : "");

  const call = (element, name) => {
    if (element && name && element.getAttribute("aria-label") !== name) {
      element.setAttribute("aria-label", name);
    }
  };

  // the label of a select: its own, or that of the column in which it stands
  const nameOf = (control) => {
    const labelled = control.getAttribute("aria-label") || words(control.labels && control.labels[0]);
    if (labelled) {
      return labelled;
    }
    const cell = control.closest("td");
    const field = cell && Array.from(cell.classList).find((one) => one.startsWith("field-"));
    const header = field && cell.closest("table").querySelector("thead th.column-" + field.slice(6));
    return words(header) || control.name;
  };

  const nameChooser = (box) => {
    const holder = box.closest(".select2-container");
    const select = holder && holder.previousElementSibling;
    if (!select || select.tagName !== "SELECT") {
      return;
    }
    const chosen = Array.from(select.selectedOptions, words).filter(Boolean).join(", ");
    const name = chosen ? nameOf(select) + ", " + chosen : nameOf(select);
    call(box, name);
    box.querySelectorAll("[role=textbox], input.select2-search__field, textarea.select2-search__field").forEach((part) => {
      call(part, name);
    });
    box.querySelectorAll(".select2-selection__clear, .select2-selection__choice__remove").forEach((part) => {
      part.setAttribute("aria-hidden", "true");
    });
  };

  const nameOpenSearch = (field) => {
    const list = document.querySelector(".select2-container--open .select2-selection");
    call(field, (list && list.getAttribute("aria-label")) || field.placeholder);
    const results = document.querySelector(".select2-results__options");
    call(results, list && list.getAttribute("aria-label"));
  };

  const nameCell = (control) => {
    if (control.type !== "hidden" && !(control.labels && control.labels.length)) {
      call(control, nameOf(control));
    }
  };

  const lookAround = () => {
    document.querySelectorAll(".inline-related.tabular tbody td :is(input, select, textarea):not(.select2-search__field)").forEach(nameCell);
    document.querySelectorAll(".select2-selection").forEach(nameChooser);
    document.querySelectorAll(".select2-container--open .select2-search--dropdown .select2-search__field").forEach(nameOpenSearch);
    document.querySelectorAll("td.original a").forEach((link) => call(link, words(link.parentElement)));
    document.querySelectorAll(".help-tooltip[aria-label]").forEach((mark) => mark.setAttribute("role", "img"));
    document.querySelectorAll("th.original:empty, .tabular thead th:empty").forEach((header) => {
      const empty = document.createElement("td");
      empty.className = header.className;
      header.replaceWith(empty);
    });
    document.querySelectorAll(".inline-related.tabular, .module table").forEach((table) => {
      const box = table.closest(".module, .inline-group");
      if (box && box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) {
        box.setAttribute("tabindex", "0"); // what scrolls sideways is reached by keyboard
      }
    });
  };

  lookAround();
  new MutationObserver(lookAround).observe(document.body, { childList: true, subtree: true });
})();

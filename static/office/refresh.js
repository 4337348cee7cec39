// A list of running work shows its progress: it is read again every few seconds, unless a person is using it.
(function () {
  "use strict";
  var SECONDS = 5;
  function inUse() {
    return document.hidden || document.querySelector("input.action-select:checked, dialog[open]") ||
      (document.activeElement && document.activeElement !== document.body);
  }
  setInterval(function () { if (!inUse()) { location.reload(); } }, SECONDS * 1000);
})();

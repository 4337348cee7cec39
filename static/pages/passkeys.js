// A passkey that the device refuses is said on the page.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey_error").hidden = false;
});

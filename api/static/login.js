// A link of the form /login#token signs in by itself. What follows # never reaches a server's log; it is taken out of the address at once.
const token = decodeURIComponent(location.hash.slice(1));
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("token").value = token;
  document.getElementById("login").requestSubmit();
}

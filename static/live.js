// News of the live process. Where something on a page wants any (data-live), a connection is opened,
// and each news is an event of the body ("live-payment"), which htmx and our scripts may wait for.
// Who was away asks for what came since; a page that never hears asks again by itself.
(function () {
  "use strict";
  if (!window.WebSocket || !document.querySelector("[data-live]")) return;
  var port = document.currentScript.dataset.port;
  var host = port ? location.hostname + ":" + port : location.host;
  var address = (location.protocol === "https:" ? "wss://" : "ws://") + host + "/ws/live";
  var SHORTEST = 1000, LONGEST = 60000, BREATH = 50000;
  var last = "", pause = SHORTEST;

  function connect() {
    var socket = new WebSocket(address + (last ? "?since=" + encodeURIComponent(last) : ""));
    var breath = setInterval(function () {  // a proxy ends what is silent
      if (socket.readyState === WebSocket.OPEN) socket.send("");
    }, BREATH);
    socket.addEventListener("open", function () { pause = SHORTEST; });
    socket.addEventListener("message", function (event) {
      var news = JSON.parse(event.data);
      last = news.at;
      document.body.dispatchEvent(new CustomEvent("live-" + news.type, { detail: news.payload }));
    });
    socket.addEventListener("close", function () {
      clearInterval(breath);
      setTimeout(connect, pause * (0.5 + Math.random()));
      pause = Math.min(2 * pause, LONGEST);
    });
  }
  connect();
})();


(() => {
  const root = document.getElementById("PANEL_ID");
  const page = document.getElementById("jupyter-config-data");
  if (!root || !page) return; // no Jupyter around: the picture stays as it is
  const {kernel, address} = JSON.parse(root.dataset.config);

  // GoNB keeps one connection for a page, globalThis.gonb_comm, and closes it when a cell of another kernel makes its own: two notebooks
  // in one JupyterLab would cut each other off. This keeps one for each kernel, at the server's own address (GoNB's is right for
  // http and the root folder alone).
  const kernels = globalThis.genlabKernels ??= (() => {
    const all = new Map(), config = JSON.parse(page.textContent);
    const socket = new URL(config.baseUrl, config.wsUrl || location.href);
    socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    let last = globalThis.gonb_comm, now; // now: whose message is being handled, as GoNB's own code asks
    const as = (who, handle) => event => {
      now = who;
      try { handle?.(event); } finally { now = undefined; }
    };
    const adopt = comm => {
      const before = all.get(comm._kernel_id);
      if (before && before !== comm) before.close(1000, "another connection to this kernel");
      all.set(comm._kernel_id, last = comm);
      comm._ws_url = `${socket.href}api/kernels/${comm._kernel_id}/channels`;
      queueMicrotask(() => { // when GoNB's script has run
        const ws = comm._websocket;
        ws.onmessage = as(comm, ws.onmessage);
        ws.onclose = as(null, ws.onclose);
        comm.close = (code, reason) => {
          if (reason === "kernel restart") return; // GoNB can't tell it from another kernel; adopt can
          if (all.get(comm._kernel_id) === comm) all.delete(comm._kernel_id);
          comm._comm_id = null;
          ws.close(code, "closed"); // a reason has a limit
        };
      });
    };
    Object.defineProperty(globalThis, "gonb_comm", {configurable: true, get: () => now === undefined ? last : now, set: adopt});
    if (last) adopt(last);
    return all;
  })();

  const cell = root.closest(".jp-Cell"), notebook = root.closest(".jp-Notebook");
  const status = root.querySelector(".status"), img = root.querySelector(".picture"), pre = root.querySelector(".text");
  const still = status.textContent, began = performance.now();
  const pads = {}, sent = new Map(), times = [];
  let seq = 0, asked = 0, changed = false, heard = 0, subscribed, over = false;

  const say = (text) => { if (status.textContent !== text) status.textContent = text; };
  const tell = (message) => kernels.get(kernel)?.send(address, JSON.stringify(message));
  const enable = (on) => root.querySelectorAll("input, button").forEach(e => { e.disabled = !on; });

  function values() {
    const all = {};
    root.querySelectorAll("[data-field]").forEach(e => {
      all[e.dataset.field] = pads[e.dataset.field] ? btoa(String.fromCharCode(...pads[e.dataset.field].pixels)) : e.type === "range" ? +e.value : e.value;
    });
    return all;
  }

  // One question is out at a time; what moves meanwhile goes with the next.
  function ask() {
    changed = true;
    if (asked && performance.now() - sent.get(asked) < 3000) return;
    changed = false;
    asked = ++seq;
    root.ariaBusy = "true";
    sent.set(asked, performance.now());
    tell({seq, values: values()});
  }

  function receive(a) {
    heard = performance.now();
    if (a.seq < 0) return;
    const shown = () => { if (a.seq === seq) root.ariaBusy = "false"; };
    if (a.error) {
      say(a.error);
      shown();
    } else {
      say("Live: the cell's process answers. Interrupt the kernel or run a cell to end it.");
      pre.textContent = a.text || "";
      if (a.picture) {
        img.hidden = false;
        img.src = a.picture;
        img.decode().catch(() => {}).then(() => {
          times.push(Math.round(performance.now() - sent.get(a.seq)));
          root.dataset.milliseconds = JSON.stringify(times.slice(-200));
          shown();
        });
      } else shown();
    }
    if (a.seq === asked) asked = 0;
    if (changed && !asked) ask();
  }

  function end(text) {
    over = true;
    clearInterval(timer);
    enable(false);
    say(text);
  }

  let called = -1e9;
  const timer = setInterval(() => {
    const comm = kernels.get(kernel), t = performance.now();
    if (comm && comm !== subscribed) {
      subscribed = comm;
      comm.subscribe(address, (_, text) => { if (!over) receive(JSON.parse(text)); });
      called = -1e9;
    }
    const waits = notebook && [...notebook.querySelectorAll(".jp-CodeCell")].some(c =>
      c !== cell && c.querySelector(".jp-InputArea-prompt")?.textContent.includes("[*]"));
    // Run again, its output has been taken out of the cell; or another cell waits for this one.
    if (!root.closest(".jp-Cell") || waits && heard) {
      tell({end: true});
      return end(still);
    }
    if (t - called > (heard ? 2000 : 400)) {
      called = t;
      tell({seq: 0});
    }
    if (heard && !root.dataset.live) {
      root.dataset.live = "yes";
      enable(true);
      say("Live: the cell's process answers. Interrupt the kernel or run a cell to end it.");
    }
    if (heard ? t - heard > 15000 : t - began > 20000) end(heard ? "The cell has ended: run it again to go on." : still);
  }, 100);

  root.querySelectorAll("input").forEach(input => input.addEventListener("input", () => {
    if (input.type === "range") input.nextElementSibling.value = input.value;
    ask();
  }));

  root.querySelectorAll("canvas").forEach(canvas => {
    const side = +canvas.dataset.side, pixels = new Uint8Array(side * side), scale = canvas.width / side;
    const pad = pads[canvas.dataset.field] = {pixels}, paint = canvas.getContext("2d");
    let from, brush = {x: side / 2, y: side / 2}, keys = false;
    const draw = () => {
      for (let i = 0; i < pixels.length; i++) {
        paint.fillStyle = `rgb(${pixels[i]},${pixels[i]},${pixels[i]})`;
        paint.fillRect(i % side * scale, Math.floor(i / side) * scale, scale, scale);
      }
      if (!keys) return;
      paint.strokeStyle = "#56b4e9";
      paint.lineWidth = 2;
      paint.strokeRect((brush.x - 1) * scale, (brush.y - 1) * scale, 2 * scale, 2 * scale);
    };
    const dab = (x, y) => {
      for (let j = 0; j < side; j++) for (let i = 0; i < side; i++) {
        const near = 1.7 - Math.hypot(i + 0.5 - x, j + 0.5 - y);
        pixels[j * side + i] = Math.max(pixels[j * side + i], 255 * Math.min(1, Math.max(0, near)));
      }
    };
    const stroke = (x, y) => {
      const start = from || {x, y}, n = Math.ceil(2 * Math.hypot(x - start.x, y - start.y)) + 1;
      for (let i = 1; i <= n; i++) dab(start.x + (x - start.x) * i / n, start.y + (y - start.y) * i / n);
      from = {x, y};
      draw();
      ask();
    };
    const place = (e) => {
      const box = canvas.getBoundingClientRect();
      return [(e.clientX - box.left) / box.width * side, (e.clientY - box.top) / box.height * side];
    };
    canvas.addEventListener("pointerdown", e => {
      if (over) return;
      canvas.setPointerCapture(e.pointerId);
      from = undefined;
      stroke(...place(e));
    });
    canvas.addEventListener("pointermove", e => { if (e.buttons && !over) stroke(...place(e)); });
    canvas.addEventListener("pointerup", () => { from = undefined; });
    canvas.addEventListener("keydown", e => {
      const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[e.key];
      if (e.key === " ") keys = "draws";
      else if (!way || over) return;
      else {
        keys ||= "moves";
        brush = {x: Math.min(side, Math.max(0, brush.x + way[0])), y: Math.min(side, Math.max(0, brush.y + way[1]))};
      }
      e.preventDefault();
      e.stopPropagation();
      if (keys === "draws") stroke(brush.x, brush.y);
      else draw();
    });
    canvas.addEventListener("keyup", e => { if (e.key === " ") { keys = "moves"; from = undefined; } });
    canvas.addEventListener("blur", () => { keys = false; draw(); });
    root.querySelector(`[data-clear="${canvas.dataset.field}"]`).addEventListener("click", () => { pixels.fill(0); draw(); ask(); });
    draw();
  });
})();

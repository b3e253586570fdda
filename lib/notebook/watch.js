
(() => {
  const root = document.getElementById("WATCH_ID");
  const page = document.getElementById("jupyter-config-data");
  if (!root || !page) return; // no Jupyter around
  const {kernel, files} = JSON.parse(root.dataset.config), base = JSON.parse(page.textContent).baseUrl;
  const button = root.querySelector("button"), status = root.querySelector("[role=status]"), img = root.querySelector("img");
  const cookie = document.cookie.match(/\b_xsrf=([^;]+)/);
  const runs = () => root.closest(".jp-Cell")?.querySelector(".jp-InputArea-prompt")?.textContent.includes("[*]");
  let last = "", news = Date.now();

  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "Stopping; everything is saved …";
    await fetch(`${base}api/kernels/${kernel}/interrupt`, {method: "POST", headers: cookie ? {"X-XSRFToken": cookie[1]} : {}});
  });
  button.disabled = !runs();

  const look = async () => {
    if (!root.isConnected && !root.closest(".jp-Cell")) return clearInterval(timer);
    const answer = files && await fetch(`${base}files/${files.split("/").map(encodeURIComponent).join("/")}/live.json`, {cache: "no-store"}).catch(() => null);
    const live = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!live || live.kernel !== kernel) return;
    if (live.line !== last) {
      last = live.line;
      news = Date.now();
    }
    const alive = !live.done && Date.now() - news < 60000;
    if (!button.disabled || !runs()) status.textContent = last + (live.done ? ": it has ended." : alive ? "" : ": no news for a minute; run the cell to go on.");
    button.disabled = !alive;
    // The page was loaded after the cell began: Jupyter no longer brings it the cell's pictures.
    if (!runs()) {
      img.src = `${base}files/${files.split("/").map(encodeURIComponent).join("/")}/live.png?${Date.now()}`;
      img.style.display = "block";
      img.hidden = false;
      root.dataset.reloaded = "yes";
    }
    if (live.done) clearInterval(timer);
  };
  const timer = setInterval(look, 1000);
})();

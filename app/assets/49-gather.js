/* What is dropped, as files to send: folders are opened, and the several files of one shapefile become one zip. */
(function () {
  "use strict";
  const yt = window.yt;
  if (!yt) return;
  const PARTS = new Set(["shp", "dbf", "shx", "prj", "cpg", "qpj", "sbn", "sbx"]);
  const MOST = 300; // files of a folder
  const ending = (name) => name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const stem = (file) => (file.within || "") + file.name.slice(0, file.name.lastIndexOf(".")).toLowerCase();

  const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });
  function crc(bytes) {
    let c = ~0;
    for (let i = 0; i < bytes.length; i++) c = crcs[(c ^ bytes[i]) & 255] ^ (c >>> 8);
    return ~c >>> 0;
  }
  /** The fields of a zip's header: [bytes, value] pairs, little-endian. */
  function fields(pairs) {
    const view = new DataView(new ArrayBuffer(pairs.reduce((n, [size]) => n + size, 0)));
    let at = 0;
    for (const [size, value] of pairs) {
      if (size === 4) view.setUint32(at, value, true);
      else view.setUint16(at, value, true);
      at += size;
    }
    return new Uint8Array(view.buffer);
  }
  /** One zip of some files, not compressed; names in UTF-8. */
  async function zip(files, name) {
    const body = [];
    const list = [];
    let at = 0;
    for (const file of files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const title = new TextEncoder().encode(file.name);
      const same = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 33], [4, crc(bytes)], [4, bytes.length], [4, bytes.length], [2, title.length], [2, 0]];
      const head = fields([[4, 0x04034b50], ...same]);
      body.push(head, title, bytes);
      list.push(fields([[4, 0x02014b50], [2, 20], ...same, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), title);
      at += head.length + title.length + bytes.length;
    }
    const size = list.reduce((n, x) => n + x.length, 0);
    const end = fields([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0]]);
    return new File([...body, ...list, end], name);
  }

  async function inside(entry, within, found) {
    if (found.length >= MOST) return;
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      if (!file.name.startsWith(".") && file.name !== "Thumbs.db") found.push(Object.assign(file, { within }));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return;
      for (const one of some) await inside(one, within + entry.name + "/", found);
    }
  }

  /** The files of a drop; a folder gives what lies in it. To be called at once: a drop is forgotten soon. */
  yt.dropped = function (transfer) {
    const files = [...transfer.files];
    const entries = [...transfer.items].map((x) => (x.webkitGetAsEntry ? x.webkitGetAsEntry() : null));
    if (!entries.some((x) => x && x.isDirectory)) return Promise.resolve(files);
    return (async () => {
      const found = [];
      for (const entry of entries) if (entry) await inside(entry, "", found);
      return found;
    })();
  };

  /** Files as they are sent: the parts of a shapefile as one zip. */
  yt.gather = async function (files) {
    const shapes = new Map(files.filter((f) => ending(f.name) === "shp").map((f) => [stem(f), []]));
    const made = [];
    for (const file of files) {
      const parts = PARTS.has(ending(file.name)) && shapes.get(stem(file));
      if (parts) parts.push(file);
      else made.push(file);
    }
    for (const parts of shapes.values()) {
      const shape = parts.find((f) => ending(f.name) === "shp");
      made.push(parts.length > 1 ? await zip(parts, shape.name.replace(/\.shp$/i, ".zip")) : shape);
    }
    return made;
  };
})();

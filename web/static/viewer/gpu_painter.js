// Paints a film with WebGL 2: its levels lie in textures of 16-bit values, the grey table in one of
// 64 kB, which alone changes while somebody windows.

import { FRAGMENTS, VERTICES } from "./shaders.js";

const TABLE_SIDE = 256;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const NAMES = ["turn", "origin", "fine", "coarse", "table", "fineExtent", "coarseExtent", "mixing", "padding"];

function compiled(gl, kind, text) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  return shader;
}

function linked(gl) {
  const program = gl.createProgram();
  gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTICES));
  gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENTS));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error("no program for films");
  return program;
}

function texture(gl) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  return made;
}

/** Whether the processor computes what a card should: a plain canvas is faster then. */
function isSoftware(gl) {
  const asked = gl.getExtension("WEBGL_debug_renderer_info");
  return SOFTWARE.test(gl.getParameter(asked?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
}

export class GpuPainter {
  /** Throws where the browser has no WebGL 2, or only one that computes on the processor. */
  constructor({ evenIfSlow = false } = {}) {
    this.canvas = document.createElement("canvas");
    const wanted = { alpha: false, antialias: false, depth: false, failIfMajorPerformanceCaveat: !evenIfSlow };
    const gl = this.canvas.getContext("webgl2", wanted);
    if (!gl) throw new Error("no fast WebGL 2");
    this.gl = gl;
    if (!evenIfSlow && isSoftware(gl)) {
      this.drop();
      throw new Error("no fast WebGL 2");
    }
    this.program = linked(gl);
    this.places = Object.fromEntries(NAMES.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.table = texture(gl);
    this.levels = [];
  }

  /** Whether a film of this size fits the card. */
  takes(level) {
    return Math.max(level.rows, level.columns) <= this.gl.getParameter(this.gl.MAX_TEXTURE_SIZE);
  }

  setLevels(levels, padding) {
    const { gl } = this;
    this.padding = padding ?? [1, 0];
    for (const { texture: old } of this.levels) gl.deleteTexture(old);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    this.levels = levels.map(({ rows, columns, pixels, extent }) => {
      const made = texture(gl);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, columns, rows, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, pixels);
      return { texture: made, extent };
    });
  }

  paint(table, view, ratio) {
    const { gl, canvas, places } = this;
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const [a, b, c, d, e, f] = view.matrix();
    const depth = Math.log2(Math.max(1, this.levels[0].extent[0] / (Math.hypot(a, b) * ratio)));
    const at = Math.min(this.levels.length - 1, Math.floor(depth));
    const fine = this.levels[at];
    const coarse = this.levels[Math.min(this.levels.length - 1, at + 1)];
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(this.program);
    this.bind(0, this.table, places.table);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, TABLE_SIDE, TABLE_SIDE, 0, gl.RED, gl.UNSIGNED_BYTE, new Uint8Array(table.buffer));
    this.bind(1, fine.texture, places.fine);
    this.bind(2, coarse.texture, places.coarse);
    gl.uniform2fv(places.fineExtent, fine.extent);
    gl.uniform2fv(places.coarseExtent, coarse.extent);
    gl.uniform1f(places.mixing, Math.min(1, depth - at));
    gl.uniform2uiv(places.padding, this.padding);
    gl.uniform4f(places.turn, a / view.width, b / view.height, c / view.width, d / view.height);
    gl.uniform2f(places.origin, e / view.width, f / view.height);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  bind(unit, bound, place) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, bound);
    gl.uniform1i(place, unit);
  }

  drop() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.canvas.remove();
  }
}

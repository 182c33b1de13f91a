// The programs of the graphics card: where the film's corners are, and what each pixel shows.

export const VERTICES = `#version 300 es
uniform vec4 turn;    // a, b, c, d of the view's matrix, in shares of the pane
uniform vec2 origin;  // e, f
out vec2 place;
void main() {
  place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 at = origin + turn.xy * place.x + turn.zw * place.y;
  gl_Position = vec4(2.0 * at.x - 1.0, 1.0 - 2.0 * at.y, 0.0, 1.0);
}`;

export const FRAGMENTS = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D fine;
uniform usampler2D coarse;
uniform sampler2D table;    // 256 x 256 grey levels, by pixel value
uniform vec2 fineExtent;
uniform vec2 coarseExtent;
uniform float mixing;       // share of the coarser level
uniform uvec2 padding;      // first and last value that is no picture; 1, 0 for none
in vec2 place;
out vec4 colour;

bool isPadding(uint value) { return value >= padding.x && value <= padding.y; }

float grey(float value) {
  int at = int(value + 0.5);
  return texelFetch(table, ivec2(at & 255, at >> 8), 0).r;
}

float shown(usampler2D level, vec2 extent) {
  ivec2 last = textureSize(level, 0) - 1;
  vec2 at = clamp(place * extent - 0.5, vec2(0.0), vec2(last));
  ivec2 low = ivec2(floor(at));
  ivec2 high = min(low + 1, last);
  vec2 part = at - vec2(low);
  uint one = texelFetch(level, low, 0).r;
  uint two = texelFetch(level, ivec2(high.x, low.y), 0).r;
  uint three = texelFetch(level, ivec2(low.x, high.y), 0).r;
  uint four = texelFetch(level, high, 0).r;
  if (isPadding(one) || isPadding(two) || isPadding(three) || isPadding(four)) {
    ivec2 nearest = ivec2(part.x < 0.5 ? low.x : high.x, part.y < 0.5 ? low.y : high.y);
    return grey(float(texelFetch(level, nearest, 0).r));
  }
  float above = mix(float(one), float(two), part.x);
  float below = mix(float(three), float(four), part.x);
  return grey(mix(above, below, part.y));
}

void main() {
  float level = shown(fine, fineExtent);
  if (mixing > 0.0) level = mix(level, shown(coarse, coarseExtent), mixing);
  colour = vec4(vec3(level), 1.0);
}`;

// Where a film lies in its pane: from places on the stored matrix, in [0, 1] of its columns and
// rows, to points of the pane in CSS pixels, and back. Quarter turns and mirrors keep its sides
// upright, so a film always covers a rectangle.

const INCH_MM = 25.4;
const CSS_INCH = 96;
const LARGEST = 32;
const SMALLEST_OF_FIT = 0.25;
const LEAST_IN_SIGHT = 48;
const QUARTER = [0, -1, 1, 0];
const MIRROR = [-1, 0, 0, 1];
const UPRIGHT = [1, 0, 0, 1];

function times([a, b, c, d], [e, f, g, h]) {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}

export class View {
  /** `aspect` is the height of a stored pixel over its width. */
  constructor(columns, rows, aspect) {
    // Square pixels, of which none is left out, as the picture that is read has them.
    this.pictureWidth = columns / Math.min(aspect, 1);
    this.pictureHeight = rows * Math.max(aspect, 1);
    this.columns = columns;
    this.width = this.height = 1;
    this.reset();
  }

  reset() {
    this.turn = UPRIGHT;
    this.fit();
  }

  fit() {
    this.fitted = true;
    this.scale = this.fitScale();
    this.x = this.y = 0;
  }

  fitScale() {
    const [across, down] = this.size(1);
    return Math.min(this.width / across, this.height / down);
  }

  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    if (this.fitted) this.fit();
    else this.hold();
  }

  /** One stored column on one pixel of the screen. */
  oneToOne(pixelRatio) {
    this.zoomTo(this.columns / this.pictureWidth / pixelRatio);
  }

  /** As large as its spacing says, on a screen whose CSS pixel is 1/96 inch. */
  lifeSize(columnMm) {
    this.zoomTo((columnMm * CSS_INCH * this.columns) / INCH_MM / this.pictureWidth);
  }

  zoomTo(scale, x = this.width / 2, y = this.height / 2) {
    const wanted = Math.min(LARGEST, Math.max(this.fitScale() * SMALLEST_OF_FIT, scale));
    const grown = wanted / this.scale;
    this.x = (x - this.width / 2) * (1 - grown) + this.x * grown;
    this.y = (y - this.height / 2) * (1 - grown) + this.y * grown;
    this.scale = wanted;
    this.fitted = false;
    this.hold();
  }

  zoomBy(factor, x, y) {
    this.zoomTo(this.scale * factor, x, y);
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.fitted = false;
    this.hold();
  }

  /** Bring a place of the film into the middle, where it is out of sight. */
  reveal(u, v) {
    const [x, y] = this.toScreen(u, v);
    if (x >= 0 && y >= 0 && x <= this.width && y <= this.height) return;
    this.pan(this.width / 2 - x, this.height / 2 - y);
  }

  rotate() {
    this.turn = times(QUARTER, this.turn);
    [this.x, this.y] = [-this.y, this.x];
    if (this.fitted) this.fit();
    else this.hold();
  }

  /** Whether it lies as stored, "mirrored" or only "turned". */
  get lie() {
    const [a, b, c, d] = this.turn;
    if (a * d - b * c < 0) return "mirrored";
    return a === 1 ? "stored" : "turned";
  }

  flip() {
    this.turn = times(MIRROR, this.turn);
    this.x = -this.x;
  }

  /** Width and height of the whole film on the screen at a scale. */
  size(scale = this.scale) {
    const [a, b, c, d] = this.turn.map(Math.abs);
    const { pictureWidth, pictureHeight } = this;
    return [scale * (a * pictureWidth + b * pictureHeight), scale * (c * pictureWidth + d * pictureHeight)];
  }

  /** Keep a part of the film in sight. */
  hold() {
    const [across, down] = this.size();
    const [mostX, mostY] = [(this.width + across) / 2, (this.height + down) / 2];
    this.x = Math.min(mostX - LEAST_IN_SIGHT, Math.max(LEAST_IN_SIGHT - mostX, this.x));
    this.y = Math.min(mostY - LEAST_IN_SIGHT, Math.max(LEAST_IN_SIGHT - mostY, this.y));
  }

  /** The six numbers a, b, c, d, e, f of x = a u + c v + e, y = b u + d v + f (as in SVG). */
  matrix() {
    const [m, n, o, p] = this.turn;
    const [across, down] = [this.scale * this.pictureWidth, this.scale * this.pictureHeight];
    const [a, b, c, d] = [m * across, o * across, n * down, p * down];
    return [a, b, c, d, this.width / 2 + this.x - (a + c) / 2, this.height / 2 + this.y - (b + d) / 2];
  }

  toScreen(u, v) {
    const [a, b, c, d, e, f] = this.matrix();
    return [a * u + c * v + e, b * u + d * v + f];
  }

  toImage(x, y) {
    const [a, b, c, d, e, f] = this.matrix();
    const whole = a * d - b * c;
    return [(d * (x - e) - c * (y - f)) / whole, (a * (y - f) - b * (x - e)) / whole];
  }

  /** Which way of the stored matrix a way on the screen is, such as [1, 0] along its rows. */
  wayInImage(x, y) {
    const [a, b, c, d] = this.turn;
    return [a * x + c * y, b * x + d * y];
  }

  /** Lie as another film does: turned, enlarged and shifted alike, in shares of the fitted size. */
  follow(other) {
    this.turn = other.turn;
    this.fitted = other.fitted;
    this.scale = (this.fitScale() * other.scale) / other.fitScale();
    this.x = (other.x / other.width) * this.width;
    this.y = (other.y / other.height) * this.height;
    if (this.fitted) this.fit();
    else this.hold();
  }
}

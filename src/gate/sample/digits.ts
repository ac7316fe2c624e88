/** Bytes that belong to a text, to be had again only with the key; a shell makes them, the core only uses them. */
export type Keyed = (text: string) => Uint8Array

/** An endless row of numbers below 256 that belongs to one value. */
export class Digits {
  readonly #keyed: Keyed
  readonly #seed: string
  #bytes: Uint8Array = new Uint8Array()
  #at = 0
  #block = 0

  constructor(keyed: Keyed, seed: string) {
    this.#keyed = keyed
    this.#seed = seed
  }

  below(limit: number): number {
    let value = 0
    for (let range = 1; range < limit * 256; range *= 256) value = (value * 256 + this.#next()) % 0x10_0000_0000
    return value % limit
  }

  of<T>(choices: ArrayLike<T>, otherwise: T): T {
    return choices[this.below(choices.length)] ?? otherwise
  }

  #next(): number {
    if (this.#at >= this.#bytes.length) {
      this.#bytes = this.#keyed(`${this.#block} ${this.#seed}`)
      this.#block += 1
      this.#at = 0
    }
    this.#at += 1
    return this.#bytes[this.#at - 1] ?? 0
  }
}

import type { Answer } from '../engines/postgres/index.ts'
import type { NodeReader } from '../engines/postgres/rows/node-reader.ts'

/** Several sessions on one node that never run a statement at once: whoever asks first goes first. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  reader(inner: NodeReader): NodeReader {
    return {
      name: inner.name,
      run: async (statement, limits): Promise<Answer> => {
        const before = this.#last.get(inner.name)
        const work = (async (): Promise<Answer> => {
          await Promise.allSettled([before])
          return inner.run(statement, limits)
        })()
        this.#last.set(inner.name, work)
        return work
      },
    }
  }
}

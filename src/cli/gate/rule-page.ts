import { existsSync, readFileSync } from 'node:fs'

/** What the page of a review rule says to whoever has met it: why it matters and what to do. The package brings the pages. */
export function rulePage(id: string): string {
  const page = new URL(`../../../docs/gate/review/${id}.md`, import.meta.url)
  if (!existsSync(page)) return ''
  const text = readFileSync(page, 'utf8')
  return text.slice(Math.max(0, text.indexOf('\n## '))).trim()
}

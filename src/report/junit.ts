import { xmlDocument, type XmlElement } from './xml.ts'

/** One test case: it passes, fails with a text, or could not be looked at. */
export interface JunitCase {
  readonly name: string
  readonly classname: string
  readonly failure?: { readonly message: string; readonly type: string; readonly text: string }
  readonly skipped?: string
  /** What is worth reading and is no failure. */
  readonly output?: string
}

export interface JunitSuite {
  readonly name: string
  readonly atMs: number
  readonly cases: readonly JunitCase[]
}

/** The XML that CI servers read as test results: the form of Ant's JUnit task, which all of them know. */
export function junitXml(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  return xmlDocument({
    name: 'testsuites',
    attributes: { name: 'antemortem', ...counts(all) },
    content: suites.map(({ name, atMs, cases }): XmlElement => ({
      name: 'testsuite',
      attributes: { name, ...counts(cases), timestamp: new Date(atMs).toISOString().slice(0, 19) },
      content: cases.map(testCase),
    })),
  })
}

const counts = (cases: readonly JunitCase[]) => ({
  tests: cases.length,
  failures: cases.filter(({ failure }) => failure).length,
  errors: 0,
  skipped: cases.filter(({ skipped, failure }) => skipped !== undefined && !failure).length,
})

function testCase({ name, classname, failure, skipped, output }: JunitCase): XmlElement {
  const content: XmlElement[] = []
  if (failure)
    content.push({
      name: 'failure',
      attributes: { message: failure.message, type: failure.type },
      content: failure.text,
    })
  else if (skipped !== undefined) content.push({ name: 'skipped', attributes: { message: skipped } })
  if (output !== undefined) content.push({ name: 'system-out', attributes: {}, content: output })
  return { name: 'testcase', attributes: { name, classname }, content }
}

import { subject } from '../../core/subject.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** What the application sends to the primary is swallowed on the way; the primary is well. */
const drill: Drill = {
  id: 'd10',
  title: 'All logins time out: the way to the primary is cut',
  kind: 'look-alike',
  ...noOriginal,
  act: ({ names: { primary } }) => ({
    proxies: true,
    trigger: [{ do: 'proxy', node: primary, way: { is: 'black-hole' } }],
    truth: {
      cause: 'network/partition',
      subject: `*${subject.path('', primary)}`,
      trigger: null,
      symptom: { codes: ['CLIENT_TIMEOUT'], min: 0.9 },
    },
  }),
}
export default drill

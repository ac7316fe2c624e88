import { subject } from '../../core/subject.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** The application's way to one node takes a second and a half each way; the node itself answers at once. */
const drill: Drill = {
  id: 'd3',
  title: 'Logins time out at one node: the way to it is slow',
  kind: 'look-alike',
  serving: ['standby'],
  ...noOriginal,
  act({ names }, random) {
    const node = random.pick([names.subscriber, names.standby])
    return {
      proxies: true,
      trigger: [{ do: 'proxy', node, way: { is: 'delay', ms: 1500 } }],
      truth: {
        cause: 'network/latency',
        subject: `*${subject.path('', node)}`,
        trigger: null,
        symptom: { codes: ['CLIENT_TIMEOUT'], min: 0.1 },
      },
    }
  },
}
export default drill

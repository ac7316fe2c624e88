import { buggyRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** A release rejects a part of its users on every node; the databases answer right. */
const drill: Drill = {
  id: 'd8',
  title: 'Logins fail after a release: the application itself, on every node',
  kind: 'look-alike',
  ...noOriginal,
  act: (scene, random) => ({
    trigger: [{ do: 'release', release: buggyRelease(scene, 0.22 + random.int(10) / 100) }],
    truth: {
      cause: 'application/error',
      subject: null,
      trigger: null,
      triggers: ['kind:deployment'],
      symptom: { codes: ['APP_BAD_HASH'], min: 0.15 },
    },
  }),
}
export default drill

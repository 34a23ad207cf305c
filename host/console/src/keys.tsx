// For operators: the master keys, and sealing everything with another one while it runs.
import { useEffect } from 'preact/hooks';
import { get, post } from './api';
import { t } from './text';
import type { Keys } from './types';
import { Await, BusyButton, complain, Notice, Page, Pill, say, useLoad } from './ui';

const LOOK_MS = 500; // while it runs

function Rotation({ keys }: { keys: Keys }) {
  const { rotation } = keys;
  const all = rotation.done + rotation.left;
  return (
    <section aria-labelledby="rotation">
      <h2 id="rotation">{t.keys.rotation}</h2>
      {rotation.problem && <Notice mood="bad"><p>{rotation.problem}</p></Notice>}
      <p role="status">{rotation.running ? t.keys.running(rotation.done, all) : rotation.left > 0 ? t.keys.left(rotation.left) : t.keys.nothingLeft}</p>
      {(rotation.running || rotation.done > 0) && all > 0 && <progress max={all} value={rotation.done} aria-label={t.keys.rotation} />}
      {rotation.failed > 0 && <p class="fault">{t.keys.failed(rotation.failed)}</p>}
      {rotation.unopened.length > 0 && (
        <ul class="rows">
          {rotation.unopened.map((each) => <li key={`${each.team}/${each.channel}${each.pointer}`}><p class="strong">{each.team} / {each.channel} {each.pointer}</p><p>{each.reason}</p></li>)}
        </ul>
      )}
    </section>
  );
}

export function KeysPage() {
  const loaded = useLoad('keys', () => get<Keys>('/v1/keys'));
  const running = loaded.value?.rotation.running === true;
  useEffect(() => {
    if (!running) return;
    const timer = setTimeout(loaded.reload, LOOK_MS);
    return () => clearTimeout(timer);
  }, [loaded.value]);
  const rotate = () => {
    post<Keys>('/v1/keys/rotate').then((keys) => {
      loaded.set(keys);
      say({ text: t.keys.started });
    }, complain);
  };
  const canRotate = loaded.value !== undefined && !running && loaded.value.rotation.left > 0;
  return (
    <Page title={t.keys.title} actions={<BusyButton class="primary" busy={!canRotate} onClick={rotate}>{t.keys.rotate}</BusyButton>}>
      <p class="intro">{t.keys.intro}</p>
      <Await of={loaded}>
        {(keys) => (
          <>
            {keys.keys.length === 0 && <p class="empty">{t.keys.empty}</p>}
            {keys.keys.length > 0 && (
              <table class="table">
                <caption class="hidden">{t.keys.title}</caption>
                <thead><tr>{[t.keys.key, t.deliveries.state, t.keys.secrets].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
                <tbody>
                  {keys.keys.map((key) => (
                    <tr key={key.id}>
                      <td data-label={t.keys.key}><strong>{key.id}</strong></td>
                      <td data-label={t.deliveries.state}>
                        <Pill mood={!key.usable ? 'bad' : key.active ? 'good' : 'halt'}>{!key.usable ? t.keys.unusable : key.active ? t.keys.active : t.keys.inactive}</Pill>
                        {key.fault && <small class="why">{key.fault}</small>}
                      </td>
                      <td data-label={t.keys.secrets}>{key.secrets}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            <Rotation keys={keys} />
          </>
        )}
      </Await>
    </Page>
  );
}

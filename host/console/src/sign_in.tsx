// A link or its code, exchanged for the cookie. The code leaves the address bar at once.
import { useEffect, useState } from 'preact/hooks';
import { post, reason } from './api';
import { replaceRoute } from './router';
import { t } from './text';
import type { Me } from './types';
import { Fault, Field } from './ui';

// Of the link or the code alone; '' where there is none in it.
export const readCode = (text: string) => /tcl_[\w-]{43}/.exec(text)?.[0] ?? '';

export function SignIn({ code, now, done }: { code: string; now: Me | null; done: (me: Me) => void }) {
  const [text, setText] = useState(code);
  const [fault, setFault] = useState<string>();
  const [working, setWorking] = useState(false);
  const enter = (given: string) => {
    setWorking(true);
    setFault(undefined);
    post<Me>('/v1/console/session', { code: given }).then(done, (failed) => {
      setFault(reason(failed));
      setText('');
      setWorking(false);
      if (code !== '') replaceRoute(['sign-in']);
    });
  };
  useEffect(() => {
    document.title = t.signIn.title;
    const given = readCode(code);
    // Who is somebody already decides first: a link may come from anybody.
    if (given !== '' && now === null) enter(given);
  }, [code]);
  return (
    <main class="sign-in">
      <h1>{t.signIn.title}</h1>
      {now === null ? (
        <>
          <p>{t.signIn.how}</p>
          <pre tabIndex={0}>{t.signIn.command}</pre>
          <p>{t.signIn.paste}</p>
        </>
      ) : <p>{t.signIn.switch(now.user)}</p>}
      {fault !== undefined && <Fault text={fault} />}
      <form onSubmit={(event) => {
        event.preventDefault();
        const given = readCode(text);
        if (given === '') setFault(t.signIn.empty);
        else enter(given);
      }}>
        <Field id="code" label={t.signIn.code}>
          {(attributes) => <input {...attributes} autocomplete="off" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <div class="actions">
          <button type="submit" class="primary" disabled={working}>{working ? t.signIn.working : t.signIn.button}</button>
          {now !== null && <button type="button" onClick={() => replaceRoute([now.teams[0] ?? '', 'inbox'])}>{t.common.cancel}</button>}
        </div>
      </form>
    </main>
  );
}

// What is shown where a page fails to draw: without it nothing would be there at all. An old draft may be the reason, and
// would be again after every reload.
import { Component, type ComponentChildren } from 'preact';
import { forgetDrafts } from './draft';
import { t } from './text';

export class Boundary extends Component<{ children: ComponentChildren }, { fault?: string | undefined }> {
  override state: { fault?: string | undefined } = {};
  override componentDidCatch(fault: unknown) {
    console.warn(fault);
    this.setState({ fault: String(fault) });
  }
  override render() {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <section class="notice bad" role="alert">
        <h1>{t.errors.crashed}</h1>
        <p>{t.errors.crashedWhy}</p>
        <pre tabIndex={0}>{this.state.fault}</pre>
        <div class="actions">
          <button type="button" class="primary" onClick={() => { forgetDrafts(); this.setState({ fault: undefined }); }}>{t.errors.discardDrafts}</button>
          <button type="button" onClick={() => location.reload()}>{t.errors.reload}</button>
        </div>
      </section>
    );
  }
}

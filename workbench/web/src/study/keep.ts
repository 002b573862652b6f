/** What this browser remembers of a sitting: the code to come back with, answers not yet sent, tasks that have begun. */
const PREFIX = "music-workbench:study";

interface Kept {
  code?: string;
  /** Answers by step. */
  drafts: Record<string, Record<string, unknown>>;
  /** Steps whose starting piece was opened already. */
  begun: string[];
}

export class Keep {
  private kept: Kept = { drafts: {}, begun: [] };

  constructor(private readonly name: string = PREFIX) {
    try {
      const found = JSON.parse(localStorage.getItem(name) ?? "null") as Partial<Kept> | null;
      if (found) this.kept = { ...found, drafts: found.drafts ?? {}, begun: found.begun ?? [] };
    } catch {
      // a frame that forbids storage, or something unreadable: the code leads back all the same
    }
  }

  get code(): string {
    return this.kept.code ?? "";
  }

  /** Another code is another person: what was kept of the one before goes. */
  set code(code: string) {
    if (this.kept.code === code) return;
    this.kept = this.kept.code ? { code, drafts: {}, begun: [] } : { ...this.kept, code };
    this.write();
  }

  draft(step: string): Record<string, unknown> {
    return { ...this.kept.drafts[step] };
  }

  setDraft(step: string, answers: Record<string, unknown>): void {
    this.kept.drafts[step] = answers;
    this.write();
  }

  /** A step is over: its answers are with the study, not here. */
  settle(step: string): void {
    delete this.kept.drafts[step];
    this.write();
  }

  hasBegun(step: string): boolean {
    return this.kept.begun.includes(step);
  }

  get begunAny(): boolean {
    return this.kept.begun.length > 0;
  }

  begin(step: string): void {
    if (!this.hasBegun(step)) this.kept.begun.push(step);
    this.write();
  }

  forget(): void {
    this.kept = { drafts: {}, begun: [] };
    try {
      localStorage.removeItem(this.name);
    } catch {
      // nothing was kept
    }
  }

  private write(): void {
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch {
      // as above
    }
  }
}

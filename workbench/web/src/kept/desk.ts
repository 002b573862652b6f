/** What the server keeps about the person at this page: asked, downloaded, deleted, and agreed to or not. */
import type { ViewContext } from "../host/view.js";
import type { Message } from "../host/model.js";
import { t } from "../strings/index.js";

/** How it stands. */
export interface Status {
  /** Whether this server keeps a record of what people do, for those who agree. */
  readonly offered: boolean;
  readonly agreed: boolean;
  /** How many entries are kept. */
  readonly count: number;
}

/** What is kept, in plain statements. */
export interface Mine {
  readonly count: number;
  readonly statements: readonly string[];
}

export class KeptDesk {
  constructor(private readonly context: ViewContext) {}

  async status(): Promise<Status> {
    const reply = await this.ask({ type: "log_status" });
    return { offered: reply["offered"] === true, agreed: reply["agreed"] === true, count: numberOf(reply["count"]) };
  }

  async mine(): Promise<Mine> {
    const reply = await this.ask({ type: "log_mine" });
    const statements = Array.isArray(reply["statements"]) ? reply["statements"].map(String) : [];
    return { count: numberOf(reply["count"]), statements };
  }

  /** Everything as one file; its address, or its text where there is none. */
  async download(): Promise<{ readonly name: string; readonly url: string }> {
    const reply = await this.ask({ type: "log_download" });
    const name = String(reply["name"] ?? "about-me.json");
    if (typeof reply["url"] === "string") return { name, url: reply["url"] };
    return { name, url: URL.createObjectURL(new Blob([String(reply["text"] ?? "")], { type: "application/json" })) };
  }

  async remove(): Promise<void> {
    await this.ask({ type: "log_delete" });
  }

  async agree(agreed: boolean): Promise<void> {
    await this.ask({ type: "log_consent", agreed });
  }

  private async ask(message: Message): Promise<Message> {
    const { channel } = this.context.host;
    if (!channel) throw new Error(t("server.none"));
    let reply: Message;
    try {
      reply = await channel.call(message);
    } catch {
      throw new Error(t("kept.failed"));
    }
    if (reply.type === "error") throw new Error(String(reply["text"]));
    return reply;
  }
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

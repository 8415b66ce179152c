package io.alldocs.examples.registry;

import java.util.Base64;
import java.util.Map;

/** Writes {@code _changes} responses, which contain every document once, at its last change. */
final class ChangesPage {
    private final Database database;
    private final boolean opaque;

    ChangesPage(Database database, boolean opaque) {
        this.database = database;
        this.opaque = opaque;
    }

    /** Returns at most {@code limit} rows, 1 or more, of changes after {@code since}, newest first if descending. */
    byte[] page(long since, int limit, boolean descending) {
        return database.read(() -> rows(since, limit, descending));
    }

    private byte[] rows(long since, int limit, boolean descending) {
        Feed feed = database.feed();
        Rows rows = new Rows(feed, limit);
        if (descending) {
            for (Map.Entry<Long, byte[]> change : feed.tailDescending(since).entrySet()) {
                rows.tail(change.getKey(), change.getValue());
            }
            for (int position = feed.documents() - 1, last = feed.positionAfter(since);
                    position >= last && !rows.full();
                    position--) {
                rows.base(position);
            }
        } else {
            for (int position = feed.positionAfter(since); position < feed.documents() && !rows.full(); position++) {
                rows.base(position);
            }
            for (Map.Entry<Long, byte[]> change : feed.tailAfter(since).entrySet()) {
                rows.tail(change.getKey(), change.getValue());
            }
        }
        return rows.end(descending);
    }

    /**
     * Writes a sequence: {@code 1234} as in npm, or CouchDB's {@code "1234-g1AAA…"}, which clients must treat as
     * opaque.
     */
    void writeSeq(ByteWriter out, long seq) {
        if (!opaque) {
            out.putNumber(seq);
            return;
        }
        byte[] token = new ByteWriter(16).putHex(Hashing.mix(seq)).toByteArray();
        out.put((byte) '"')
                .putNumber(seq)
                .put("-g1AAAA")
                .put(Base64.getUrlEncoder().withoutPadding().encode(token))
                .put((byte) '"');
    }

    private final class Rows {
        private final Feed feed;
        private final int limit;
        private final ByteWriter out = ByteWriter.scratch();
        private int count;
        private int beyond;
        private long lastSeq;

        Rows(Feed feed, int limit) {
            this.feed = feed;
            this.limit = limit;
            this.lastSeq = feed.updateSeq();
            out.put("{\"results\":[");
        }

        boolean full() {
            return count == limit;
        }

        void base(int position) {
            int document = feed.document(position);
            NameArena names = database.base();
            if (document < names.size()) {
                byte[] name = names.get(document);
                if (database.change(name) == null) {
                    row(feed.seq(position), name, database.revision().firstGeneration(name), false);
                }
                return;
            }
            byte[] gone = feed.goneName(names, document);
            if (database.change(gone) == null && !isLive(names, gone, document)) {
                row(feed.seq(position), gone, database.revision().firstGeneration(gone) + 1, true);
            }
        }

        /**
         * Returns whether a name is live. A name passed to the registry may be equal to a name that was deleted before
         * the start.
         */
        private boolean isLive(NameArena names, byte[] gone, int document) {
            return names.size() > 0 && names.isAt(names.rankFrom(gone, feed.rootOf(document)), gone);
        }

        void tail(long seq, byte[] name) {
            Database.Change change = database.change(name);
            if (change == null || change.seq() != seq) {
                return;
            }
            if (full()) {
                beyond++;
            } else {
                row(seq, name, change.generation(), change.deleted());
            }
        }

        private void row(long seq, byte[] name, int generation, boolean deleted) {
            out.put(count++ == 0 ? "{\"seq\":" : ",{\"seq\":");
            writeSeq(out, seq);
            out.put(",\"id\":\"").putJson(name, 0, name.length).put("\",\"changes\":[{\"rev\":\"");
            database.revision().write(out, name, 0, name.length, generation);
            out.put(deleted ? "\"}],\"deleted\":true}" : "\"}]}");
            lastSeq = seq;
        }

        byte[] end(boolean descending) {
            boolean whole = !full() && !descending;
            out.put("],\"last_seq\":");
            writeSeq(out, whole ? feed.updateSeq() : lastSeq);
            if (opaque) {
                out.put(",\"pending\":").putNumber(whole ? 0 : pending());
            }
            return out.put((byte) '}').toByteArray();
        }

        private int pending() {
            return feed.documents() - feed.positionAfter(lastSeq) + beyond;
        }
    }
}

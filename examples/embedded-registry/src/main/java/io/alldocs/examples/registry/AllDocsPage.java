package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@code _all_docs} responses. Rows are copied from the arena to the body without an intermediate String. */
final class AllDocsPage {
    private static final byte[] ROW = ascii("{\"id\":\"");
    private static final byte[] KEY = ascii("\",\"key\":\"");
    private static final byte[] REV = ascii("\",\"value\":{\"rev\":\"");
    private static final byte[] END = ascii("\"}}");

    private final Database database;

    AllDocsPage(Database database) {
        this.database = database;
    }

    /** How a page reports its counts. npm reports exact counts, and other CouchDB servers report 0 or null. */
    enum Offsets {
        EXACT,
        ZERO,
        NULL
    }

    /**
     * Returns at most {@code limit} rows from {@code start} to {@code end}, both inclusive. A null bound means no
     * bound.
     */
    byte[] range(byte @Nullable [] start, byte @Nullable [] end, int limit, Offsets offsets) {
        return database.read(() -> rows(start, end, limit, offsets));
    }

    private byte[] rows(byte @Nullable [] start, byte @Nullable [] end, int limit, Offsets offsets) {
        NameIndex names = database.names();
        byte[] from = start == null ? new byte[0] : start;
        int offset = names.rank(from);
        int last = end == null ? names.size() : names.rank(end) + (names.contains(end) ? 1 : 0);
        int rows = Math.max(0, Math.min(limit, last - offset));
        ByteWriter out = ByteWriter.scratch();
        head(out, names.size(), offset, offsets);
        NameIndex.Cursor cursor = names.from(from);
        Iterator<Map.Entry<byte[], Database.Change>> changes =
                database.changesFrom(from).entrySet().iterator();
        Map.Entry<byte[], Database.Change> change = next(changes);
        for (int i = 0; i < rows && cursor.advance(); i++) {
            while (change != null && compare(change.getKey(), cursor) < 0) {
                change = next(changes);
            }
            int generation = change != null && compare(change.getKey(), cursor) == 0
                    ? change.getValue().generation()
                    : database.revision().firstGeneration(cursor.bytes, cursor.offset, cursor.length);
            if (i > 0) {
                out.put((byte) ',');
            }
            row(out, cursor.bytes, cursor.offset, cursor.length, generation, false);
        }
        return out.put("]}").toByteArray();
    }

    /**
     * Returns one row for each requested key, in the requested order. This is CouchDB's response to {@code keys}, with
     * revisions only.
     */
    byte[] keys(List<byte[]> keys) {
        return database.read(() -> rows(keys));
    }

    private byte[] rows(List<byte[]> keys) {
        NameIndex names = database.names();
        ByteWriter out = ByteWriter.scratch();
        head(out, names.size(), 0, Offsets.EXACT);
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i);
            if (i > 0) {
                out.put((byte) ',');
            }
            Database.Change change = database.change(key);
            if (change != null) {
                row(out, key, 0, key.length, change.generation(), change.deleted());
            } else if (names.contains(key)) {
                row(out, key, 0, key.length, database.revision().firstGeneration(key), false);
            } else {
                out.put("{\"key\":\"").putJson(key, 0, key.length).put("\",\"error\":\"not_found\"}");
            }
        }
        return out.put("]}").toByteArray();
    }

    private static void head(ByteWriter out, int total, int offset, Offsets offsets) {
        out.put("{\"total_rows\":").putNumber(total).put(",\"offset\":");
        switch (offsets) {
            case EXACT -> out.putNumber(offset);
            case ZERO -> out.putNumber(0);
            case NULL -> out.put("null");
        }
        out.put(",\"rows\":[");
    }

    private void row(ByteWriter out, byte[] name, int offset, int length, int generation, boolean deleted) {
        out.put(ROW)
                .putJson(name, offset, length)
                .put(KEY)
                .putJson(name, offset, length)
                .put(REV);
        database.revision().write(out, name, offset, length, generation);
        if (deleted) {
            out.put("\",\"deleted\":true}}");
        } else {
            out.put(END);
        }
    }

    private static int compare(byte[] key, NameIndex.Cursor cursor) {
        return Arrays.compareUnsigned(key, 0, key.length, cursor.bytes, cursor.offset, cursor.offset + cursor.length);
    }

    private static Map.@Nullable Entry<byte[], Database.Change> next(
            Iterator<Map.Entry<byte[], Database.Change>> changes) {
        return changes.hasNext() ? changes.next() : null;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

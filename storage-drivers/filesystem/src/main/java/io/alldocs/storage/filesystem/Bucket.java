package io.alldocs.storage.filesystem;

import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The bytes of an index bucket: lines of records, of which a key's last valid one counts. */
final class Bucket {

    /** Where there is no file. */
    static final Bucket EMPTY = new Bucket(new byte[0]);

    private final byte[] bytes;

    Bucket(byte[] bytes) {
        this.bytes = bytes;
    }

    int sizeBytes() {
        return bytes.length;
    }

    /** The last valid record of {@code key}, deleted or not. Reads from the end: the first line seen is nearly always the one. */
    Optional<IndexRecord> last(String key) {
        int end = bytes.length;
        while (end > 0) {
            int start = lineStart(end);
            Optional<IndexRecord> found = IndexRecord.parse(bytes, start, end);
            if (found.isPresent() && found.get().key().equals(key)) {
                return found;
            }
            end = start - 1;
        }
        return Optional.empty();
    }

    private int lineStart(int end) {
        int start = end;
        while (start > 0 && bytes[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    /** All that is in it. */
    Summary summary() {
        Map<String, Line> last = new LinkedHashMap<>();
        int lines = 0;
        int damaged = 0;
        int end;
        for (int start = 0; start < bytes.length; start = end + 1) {
            end = lineEnd(start);
            if (end > start) {
                lines++;
                Optional<IndexRecord> found = IndexRecord.parse(bytes, start, end);
                if (found.isPresent()) {
                    last.put(found.get().key(), new Line(found.get(), start, end));
                } else {
                    damaged++;
                }
            }
        }
        last.values().removeIf(line -> line.record.integrity() == null);
        return new Summary(last.values(), lines, damaged);
    }

    private int lineEnd(int start) {
        int end = start;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    /** The lines of {@code summary} that hold a record which {@code kept} accepts, byte for byte, and nothing else. */
    byte[] compacted(Summary summary, Predicate<IndexRecord> kept) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Line line : summary.live) {
            if (kept.test(line.record)) {
                out.write('\n');
                out.write(bytes, line.start, line.end - line.start);
            }
        }
        return out.toByteArray();
    }

    /**
     * A record and where it stands, line breaks left out.
     *
     * @param start of its first byte
     * @param end after its last byte
     */
    record Line(IndexRecord record, int start, int end) {}

    /**
     * What a bucket holds.
     *
     * @param live the record that counts of each key that is not deleted
     * @param lines records of any kind
     * @param damaged lines that are torn or damaged
     */
    record Summary(Collection<Line> live, int lines, int damaged) {

        /** Whether something in the bucket no longer counts. */
        boolean hasDeadLines() {
            return lines > live.size();
        }
    }
}

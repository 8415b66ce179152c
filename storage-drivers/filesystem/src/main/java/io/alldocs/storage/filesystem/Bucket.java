package io.alldocs.storage.filesystem;

import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The bytes of an index bucket: lines of records. The last valid record of a key is the current one. */
final class Bucket {

    /** The bucket of a file that does not exist. */
    static final Bucket EMPTY = new Bucket(new byte[0]);

    private final byte[] bytes;

    Bucket(byte[] bytes) {
        this.bytes = bytes;
    }

    int sizeBytes() {
        return bytes.length;
    }

    /**
     * Returns the last valid record of {@code key}, deleted or not. Searches from the end, because the first line found
     * is nearly always the current one.
     */
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

    /** Summarizes all records of the bucket. */
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

    /** Returns the lines of {@code summary} whose record is accepted by {@code kept}, byte for byte. */
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
     * A record and its position in the bucket, excluding line breaks.
     *
     * @param start offset of its first byte
     * @param end offset after its last byte
     */
    record Line(IndexRecord record, int start, int end) {}

    /**
     * The contents of a bucket.
     *
     * @param live the current record of each key that is not deleted
     * @param lines number of records of any kind
     * @param damaged number of lines that are torn or damaged
     */
    record Summary(Collection<Line> live, int lines, int damaged) {

        /** Returns whether the bucket contains lines that are obsolete or damaged. */
        boolean hasDeadLines() {
            return lines > live.size();
        }
    }
}

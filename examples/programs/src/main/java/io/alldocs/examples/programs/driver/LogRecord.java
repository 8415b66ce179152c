package io.alldocs.examples.programs.driver;

import io.alldocs.cache.EntryHead;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What stands before a body in the log: a mark, the lengths of what follows, a CRC-32 of key and head, the key, the head as JSON. A record without a
 * head says that the key was deleted.
 *
 * @param key UTF-8
 * @param head null for a deletion
 */
record LogRecord(String key, @Nullable EntryHead head) {
    /** Largest key; its length is written as an unsigned 16-bit number. */
    static final int MAX_KEY_BYTES = 4_096;

    private static final int MARK = 0xA11D0C51;
    private static final int DELETED = -1;
    private static final int MAX_HEAD_BYTES = 1 << 20;

    /** All but the body. */
    byte[] toBytes() throws IOException {
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        byte[] headBytes = head == null ? new byte[0] : head.toJson().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MARK);
        out.writeShort(keyBytes.length);
        out.writeInt(head == null ? DELETED : headBytes.length);
        out.writeInt(checksum(keyBytes, headBytes));
        out.write(keyBytes);
        out.write(headBytes);
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws java.io.EOFException when the record is cut
     * @throws IOException when it is damaged, or no record
     */
    static LogRecord read(DataInput in) throws IOException {
        if (in.readInt() != MARK) {
            throw new IOException("no record begins here");
        }
        int keyLength = in.readUnsignedShort();
        int headLength = in.readInt();
        int checksum = in.readInt();
        if (keyLength > MAX_KEY_BYTES || headLength < DELETED || headLength > MAX_HEAD_BYTES) {
            throw new IOException("a record's lengths are out of range");
        }
        byte[] key = new byte[keyLength];
        in.readFully(key);
        byte[] head = new byte[Math.max(0, headLength)];
        in.readFully(head);
        if (checksum(key, head) != checksum) {
            throw new IOException("a record's checksum is wrong");
        }
        return new LogRecord(text(key), headLength == DELETED ? null : EntryHead.parse(text(head)));
    }

    long bodyBytes() {
        return head == null ? 0 : head.sizeBytes();
    }

    private static int checksum(byte[] key, byte[] head) {
        CRC32 crc = new CRC32();
        crc.update(key);
        crc.update(head);
        return (int) crc.getValue();
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}

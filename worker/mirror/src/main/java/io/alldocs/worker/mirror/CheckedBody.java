package io.alldocs.worker.mirror;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * A body whose stream ends normally only if the bytes match the digest. The last piece is withheld until the digest of
 * the whole body is verified. Not thread-safe.
 */
final class CheckedBody extends InputStream {
    /** A body keeps two buffers of this size in memory. */
    private static final int PIECE_BYTES = 16 * 1024;

    /** Thrown if the bytes do not match the digest of the tarball. */
    static final class MismatchException extends IOException {
        private static final long serialVersionUID = 1L;

        MismatchException() {
            super("The body does not match the digest in the packument");
        }
    }

    private final InputStream source;
    private final TarballDigest digest;
    private byte[] piece = new byte[PIECE_BYTES];
    private byte[] ahead = new byte[PIECE_BYTES];
    private int position;
    private int limit;
    private int aheadBytes;
    private boolean ended;
    private boolean mismatched;

    /**
     * Reads the first piece.
     *
     * @throws MismatchException if the first piece is the whole body and does not match the digest
     */
    CheckedBody(InputStream source, TarballDigest digest) throws IOException {
        this.source = source;
        this.digest = digest;
        readAhead();
        advance();
    }

    private void readAhead() throws IOException {
        aheadBytes = source.readNBytes(ahead, 0, PIECE_BYTES);
        digest.update(ahead, 0, aheadBytes);
    }

    /** Advances to the next piece, after another piece was read or the digest was verified. */
    private void advance() throws IOException {
        byte[] given = piece;
        piece = ahead;
        limit = aheadBytes;
        position = 0;
        ahead = given;
        if (limit == PIECE_BYTES) {
            readAhead();
        } else {
            aheadBytes = 0;
        }
        if (aheadBytes == 0 && !ended) {
            ended = true;
            mismatched = !digest.matches();
            requireMatch();
        }
    }

    private void requireMatch() throws MismatchException {
        if (mismatched) {
            limit = position;
            throw new MismatchException();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (position == limit) {
            if (ended) {
                requireMatch();
                return -1;
            }
            advance();
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(piece, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}

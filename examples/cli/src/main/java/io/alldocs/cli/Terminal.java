package io.alldocs.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/** Standard output and standard error of a program whose reader may leave. */
public final class Terminal {
    private Terminal() {}

    /**
     * A writer that ends the program's work when nobody reads it any more, as in {@code list | head -1}.
     *
     * <p>A {@link PrintWriter} keeps failures to itself, so that a listing of millions of lines would go on for
     * nothing. The first write to a closed pipe throws {@link ReaderLeftException} through it instead; other failures
     * are kept, for {@link PrintWriter#checkError()}.
     */
    static PrintWriter writer(OutputStream out, Charset charset) {
        return new PrintWriter(new PipeStream(out), true, charset);
    }

    /** As {@link #writer}, for bytes: a write to a closed pipe ends the program's work. */
    public static OutputStream stream(OutputStream out) {
        return new PipeStream(out);
    }

    /** Whoever read the output has closed it. The program ends quietly. */
    static final class ReaderLeftException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ReaderLeftException(IOException cause) {
            super("The reader of the output has closed it.", cause);
        }
    }

    private static final class PipeStream extends FilterOutputStream {
        PipeStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw explained(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw explained(e);
            }
        }

        /** The JDK has no type for a closed pipe: only the system's words, which it does not translate. */
        private static IOException explained(IOException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("Broken pipe") || message.contains("pipe is being closed")) {
                throw new ReaderLeftException(e);
            }
            return e;
        }
    }
}

package io.alldocs.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/** Standard output and standard error of a program whose reader may close the pipe. */
public final class Terminal {
    private Terminal() {}

    /**
     * Returns a writer that ends the program when its reader has closed the pipe, as in {@code list | head -1}.
     *
     * <p>A {@link PrintWriter} hides failures, so a listing of millions of lines would continue without a reader. This
     * writer throws {@link ReaderLeftException} on the first write to a closed pipe. Other failures are reported by
     * {@link PrintWriter#checkError()}.
     */
    static PrintWriter writer(OutputStream out, Charset charset) {
        return new PrintWriter(new PipeStream(out), true, charset);
    }

    /** Returns a stream for bytes. Like a {@link #writer}, it ends the program when it writes to a closed pipe. */
    public static OutputStream stream(OutputStream out) {
        return new PipeStream(out);
    }

    /** Signals that the reader has closed the output. The program ends without a message. */
    static final class ReaderLeftException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ReaderLeftException(IOException cause) {
            super("The reader closed the output.", cause);
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

        /**
         * Returns {@code e}, or throws {@link ReaderLeftException} if the pipe is closed. The JDK has no exception type
         * for a closed pipe. The message is that of the operating system, and the JDK does not translate it.
         */
        private static IOException explained(IOException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("Broken pipe") || message.contains("pipe is being closed")) {
                throw new ReaderLeftException(e);
            }
            return e;
        }
    }
}

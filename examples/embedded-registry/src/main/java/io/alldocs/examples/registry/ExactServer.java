package io.alldocs.examples.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A server on the loopback interface. It sends exactly the bytes that a test specifies, even malformed ones, and
 * forwards all other requests to a registry. Uses one thread per connection. Safe for concurrent use.
 */
public final class ExactServer implements AutoCloseable {
    private static final int HEAD_END = 0x0d0a0d0a;

    private final ServerSocket listening;
    private final Script script;
    private final @Nullable URI otherwise;
    private final Function<byte[], Exact> change;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    /**
     * The bytes to send.
     *
     * @param bytes status line, header and body
     * @param close whether to close the connection afterwards; otherwise it stays open, and nothing more is sent before
     *     the next request
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are only sent, never compared
    public record Exact(byte[] bytes, boolean close) {}

    /** Determines what to send. */
    @FunctionalInterface
    public interface Script {
        /**
         * Returns what to send for {@code path}; empty to forward the request to the registry.
         *
         * @param path of the request line, including the query
         */
        Optional<Exact> answer(String path);
    }

    private ExactServer(Script script, @Nullable URI otherwise, Function<byte[], Exact> change) throws IOException {
        this.script = script;
        this.otherwise = otherwise;
        this.change = change;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::accept, "exact-server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /**
     * Starts a server.
     *
     * @param script called for each request
     * @param otherwise address of the registry that handles all other requests; if null, they get a 404 in JSON
     * @throws IOException if there is no free port
     */
    public static ExactServer start(Script script, @Nullable URI otherwise) throws IOException {
        return new ExactServer(script, otherwise, answer -> new Exact(answer, true));
    }

    /**
     * Starts a server that forwards all requests to another server and changes the responses.
     *
     * @param server address of the other server
     * @param change receives each complete response
     * @throws IOException if there is no free port
     */
    public static ExactServer changing(URI server, Function<byte[], Exact> change) throws IOException {
        return new ExactServer(path -> Optional.empty(), server, change);
    }

    /** Returns the server's address. */
    public URI origin() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** Returns the paths of all requests, in the order of arrival. */
    public Queue<String> asked() {
        return asked;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                open.add(socket);
                Thread speaker = new Thread(() -> speak(socket), "exact-server-speaker");
                speaker.setDaemon(true);
                speaker.start();
            }
        } catch (IOException e) {
            // The server was closed.
        }
    }

    private void speak(Socket socket) {
        try (socket) {
            String head = readHead(socket.getInputStream());
            while (!head.isEmpty()) {
                String path = head.split(" ", 3)[1];
                asked.add(path);
                byte[] body = socket.getInputStream().readNBytes(bodyLength(head));
                Optional<Exact> scripted = script.answer(path);
                Exact exact = scripted.isPresent() ? scripted.get() : change.apply(relayed(head, body));
                OutputStream out = socket.getOutputStream();
                out.write(exact.bytes());
                out.flush();
                if (exact.close()) {
                    return;
                }
                head = readHead(socket.getInputStream());
            }
        } catch (IOException e) {
            // The client disconnected.
        } finally {
            open.remove(socket);
        }
    }

    /** Returns the complete response of the registry. */
    private byte[] relayed(String head, byte[] body) throws IOException {
        if (otherwise == null) {
            return ("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 21\r\n"
                            + "Connection: close\r\n\r\n{\"error\":\"Not found\"}")
                    .getBytes(StandardCharsets.ISO_8859_1);
        }
        try (Socket registry = new Socket(otherwise.getHost(), otherwise.getPort())) {
            registry.getOutputStream().write(asOneRequest(head).getBytes(StandardCharsets.ISO_8859_1));
            registry.getOutputStream().write(body);
            return registry.getInputStream().readAllBytes();
        }
    }

    private static int bodyLength(String head) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line ->
                        Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst()
                .orElse(0);
    }

    private static String asOneRequest(String head) {
        StringBuilder request = new StringBuilder();
        head.lines()
                .filter(line ->
                        !line.isEmpty() && !line.toLowerCase(Locale.ROOT).startsWith("connection:"))
                .forEach(line -> request.append(line).append("\r\n"));
        return request.append("Connection: close\r\n\r\n").toString();
    }

    /** Reads a request up to its empty line; empty at the end of the connection. */
    private static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
            head.write(octet);
            last = last << 8 | octet;
            if (last == HEAD_END) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    /** Closes all connections. */
    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}

package io.alldocs.cli.network;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP proxy on 127.0.0.1, like the proxy of a company. Only the proxy can resolve {@link #HOST}. The proxy records
 * the header of every request.
 */
final class CompanyProxy implements AutoCloseable {
    /** A host that DNS cannot resolve. */
    static final String HOST = "registry.corp.example";

    /** The response for all other hosts. */
    private static final String BAD_GATEWAY =
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    final List<String> heads = new CopyOnWriteArrayList<>();
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int upstream;
    private volatile String refusal = "";
    private volatile String requiredAuthorization = "";

    /** @param upstream port of 127.0.0.1 to which requests for {@link #HOST} are sent */
    CompanyProxy(int upstream) throws IOException {
        this.upstream = upstream;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Responds to every request with these bytes. */
    CompanyProxy refusing(String answer) {
        refusal = answer;
        return this;
    }

    /** Responds with {@code answer} to requests without this value of Proxy-Authorization. */
    CompanyProxy requiring(String authorization, String answer) {
        requiredAuthorization = authorization;
        refusal = answer;
        return this;
    }

    String authority() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    /** Returns the first lines of the requests. */
    List<String> requests() {
        return heads.stream().map(head -> head.substring(0, head.indexOf('\r'))).toList();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                open.add(socket);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException e) {
            // The proxy was closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            for (String head = head(client.getInputStream()); !head.isEmpty(); head = head(client.getInputStream())) {
                heads.add(head);
                boolean welcome = requiredAuthorization.isEmpty()
                        ? refusal.isEmpty()
                        : head.contains("\r\nProxy-Authorization: " + requiredAuthorization + "\r\n")
                                || head.contains("\r\nproxy-authorization: " + requiredAuthorization + "\r\n");
                if (!welcome) {
                    client.getOutputStream().write(refusal.getBytes(ISO_8859_1));
                    return;
                }
                if (!pass(head, client)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client or the server ended the connection.
        }
    }

    /** Forwards a request. Returns whether another request may follow on the connection. */
    private boolean pass(String head, Socket client) throws IOException {
        String[] line = head.substring(0, head.indexOf('\r')).split(" ", -1);
        if (line[0].equals("CONNECT")) {
            if (!line[1].equals(HOST + ":443")) {
                client.getOutputStream().write(BAD_GATEWAY.getBytes(ISO_8859_1));
                return false;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
                open.add(server);
                client.getOutputStream().write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ISO_8859_1));
                threads.execute(() -> copy(server, client));
                copy(client, server);
            }
            return false;
        }
        URI asked = URI.create(line[1]);
        if (!HOST.equals(asked.getHost())) {
            client.getOutputStream().write(BAD_GATEWAY.getBytes(ISO_8859_1));
            return false;
        }
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
            String path = asked.getRawPath() + (asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery());
            String passed = head.replaceFirst("^[^\r]*", line[0] + " " + path.replace("$", "\\$") + " HTTP/1.1")
                    .replaceAll("(?i)\r\n(proxy-[a-z]+|connection): [^\r]*", "")
                    .replaceFirst("\r\n", "\r\nConnection: close\r\n");
            server.getOutputStream().write(passed.getBytes(ISO_8859_1));
            server.getInputStream().transferTo(client.getOutputStream());
        }
        return false;
    }

    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            // The client or the server ended the connection.
        }
    }

    /** Reads a header up to the empty line. Returns an empty text at the end of the connection. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            last = (last << 8) | b;
            if (last == 0x0d0a0d0a) {
                return head.toString(ISO_8859_1);
            }
        }
        return "";
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }

    /** Returns whether any request contained {@code text}, ignoring case. */
    boolean saw(String text) {
        return heads.stream().anyMatch(head -> head.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT)));
    }
}

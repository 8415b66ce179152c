package io.alldocs.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Serves packuments to all contenders. The server is nginx with real packuments under many names, or the embedded
 * registry with generated packuments.
 */
interface PackumentOrigin extends AutoCloseable {

    URI address();

    List<String> names();

    /** Returns the total size of all bodies as sent, in bytes, if known. */
    OptionalLong sentBytes();

    @Override
    void close();

    static PackumentOrigin embedded(int count) {
        EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(count).mixedStates(false).start();
        return new PackumentOrigin() {
            @Override
            public URI address() {
                return registry.origin();
            }

            @Override
            public List<String> names() {
                return registry.names();
            }

            @Override
            public OptionalLong sentBytes() {
                return OptionalLong.empty();
            }

            @Override
            public void close() {
                registry.close();
            }
        };
    }

    /**
     * Serves {@code count} packuments, compressed in advance, with nginx.
     *
     * @param data folder of packuments, {@code *.json.gz}; each is served under as many names as needed. Each name
     *     replaces {@code _id} and {@code name} in the packument, so that no two bodies are equal
     */
    static PackumentOrigin nginx(Path data, int count, Path folder) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        long bytes = 0;
        List<Path> files = files(data);
        for (int index = 0; index < count; index++) {
            ObjectNode document = read(files.get(index % files.size()));
            String name = document.path("name").asText() + "-copy-" + index / files.size();
            names.add(name);
            bytes += write(
                    folder.resolve("www").resolve(name + ".gz"),
                    document.put("_id", name).put("name", name));
        }
        return new Nginx(folder, names, bytes);
    }

    /** Returns the packuments in a folder: {@code *.json.gz}, at least one. */
    static List<Path> files(Path data) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(data)) {
            files = found.filter(file -> file.toString().endsWith(".json.gz"))
                    .sorted()
                    .toList();
        }
        if (files.isEmpty()) {
            throw new IOException("There are no packuments (*.json.gz) in " + data + ": name another --data");
        }
        return files;
    }

    private static ObjectNode read(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return (ObjectNode) new ObjectMapper().readTree(in);
        }
    }

    private static int write(Path file, ObjectNode document) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(document.toString().getBytes(UTF_8));
        }
        Files.createDirectories(file.getParent());
        Files.write(file, bytes.toByteArray());
        return bytes.size();
    }

    /** An nginx process on a free port of 127.0.0.1. */
    final class Nginx implements PackumentOrigin {
        private final List<String> names;
        private final long sentBytes;
        private final URI address;
        private final Process process;

        Nginx(Path folder, List<String> names, long sentBytes) throws IOException, InterruptedException {
            this.names = List.copyOf(names);
            this.sentBytes = sentBytes;
            int port = freePort();
            address = URI.create("http://127.0.0.1:" + port);
            Path home = folder.toAbsolutePath();
            Files.writeString(home.resolve("nginx.conf"), configuration(home, port));
            process = new ProcessBuilder("nginx", "-p", home.toString(), "-e", "stderr", "-c", "nginx.conf")
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("nginx.txt").toFile())
                    .start();
            awaitListening(port, home.resolve("nginx.txt"));
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }

        private static String configuration(Path home, int port) {
            String user = "root".equals(System.getProperty("user.name")) ? "user root;\n" : "";
            return user
                    + String.join(
                            "\n",
                            "daemon off; worker_processes 2; pid nginx.pid;",
                            "events { worker_connections 1024; }",
                            "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type application/json;",
                            "  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;",
                            "  open_file_cache max=200000 inactive=1h;",
                            "  server { listen 127.0.0.1:" + port + "; root \"" + home.resolve("www")
                                    + "\"; gzip_static always; } }");
        }

        /** Returns the parent of the processes that serve. */
        ProcessHandle process() {
            return process.toHandle();
        }

        private void awaitListening(int port, Path log) throws IOException, InterruptedException {
            for (int attempt = 0; attempt < 100; attempt++) {
                try {
                    new Socket(InetAddress.getLoopbackAddress(), port).close();
                    return;
                } catch (IOException e) {
                    if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                        break;
                    }
                }
            }
            close();
            throw new IOException("nginx does not listen on port " + port + ": " + Files.readString(log));
        }

        @Override
        public URI address() {
            return address;
        }

        @Override
        public List<String> names() {
            return names;
        }

        @Override
        public OptionalLong sentBytes() {
            return OptionalLong.of(sentBytes);
        }

        @Override
        public void close() {
            process.destroy(); // TERM also ends the workers
        }
    }
}

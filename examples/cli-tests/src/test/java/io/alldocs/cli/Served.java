package io.alldocs.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Runs a command that starts a server, on a separate thread. */
final class Served implements AutoCloseable {
    final BufferedReader out;
    final StringWriter err = new StringWriter();
    final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private final Thread thread;

    Served(Map<String, String> environment, String... args) throws IOException {
        PipedReader reader = new PipedReader(1 << 16);
        PrintWriter writer = new PrintWriter(new PipedWriter(reader), true);
        out = new BufferedReader(reader);
        thread = new Thread(() -> {
            exitCode.complete(Main.run(environment, writer, new PrintWriter(err), args));
            writer.close();
        });
        thread.start();
    }

    int get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    void interrupt() {
        thread.interrupt();
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        out.close();
    }
}

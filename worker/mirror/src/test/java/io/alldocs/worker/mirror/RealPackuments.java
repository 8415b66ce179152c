package io.alldocs.worker.mirror;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Packuments as a registry sent them. */
final class RealPackuments {

    private RealPackuments() {}

    static List<String> names() {
        return List.of("@img/sharp-linux-s390x", "@isaacs/cliui", "bufferutil", "chalk", "cookie", "express", "wrappy");
    }

    static byte[] gzip(String name) {
        String resource = "real/" + name.replace("/", "%2f") + ".json.gz";
        try (InputStream in = RealPackuments.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] json(String name) {
        return gunzip(gzip(name));
    }

    static byte[] gunzip(byte[] gzip) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

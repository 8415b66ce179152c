package io.alldocs.packument;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Packuments as registries send them: 500 bytes to 480 KB of gzip, scoped and unscoped, with one to two thousand
 * versions.
 */
final class RealPackuments {

    private RealPackuments() {}

    static List<String> names() {
        return List.of(
                "@inquirer/input",
                "@protobufjs/float",
                "@types/node",
                "@verdaccio/utils",
                "atomic-sleep",
                "chalk",
                "express",
                "json-parse-helpfulerror",
                "mkdirp",
                "noop-fn",
                "tsscmp",
                "undici",
                "web-streams-polyfill");
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
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip(name)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

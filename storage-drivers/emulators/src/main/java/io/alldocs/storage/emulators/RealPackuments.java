package io.alldocs.storage.emulators;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Packuments of npm, gzip-compressed as the registry sent them. */
public final class RealPackuments {
    private RealPackuments() {}

    /** Returns the names for {@link #gzip}. */
    public static List<String> names() {
        return List.of(
                "colors__colors",
                "img__sharp-darwin-x64",
                "isstream",
                "jsbn",
                "koa__router",
                "protobufjs-fetch",
                "wrappy");
    }

    /** Returns the compressed bytes of one of {@link #names}. */
    public static byte[] gzip(String name) {
        try (InputStream in = RealPackuments.class.getResourceAsStream("packuments/" + name + ".json.gz")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

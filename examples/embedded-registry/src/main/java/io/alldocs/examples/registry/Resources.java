package io.alldocs.examples.registry;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** The resources of the jar: a list of real names and a few real packuments. */
final class Resources {
    private Resources() {}

    static InputStream open(String name) throws IOException {
        InputStream in = Resources.class.getResourceAsStream(name);
        if (in == null) {
            throw new FileNotFoundException("The jar does not contain " + name);
        }
        return in;
    }
}

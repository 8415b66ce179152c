package io.alldocs.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Provides the version that the build wrote to the jar's manifest. */
public final class Version implements IVersionProvider {

    /** Creates the provider; called by picocli. */
    public Version() {}

    @Override
    public String[] getVersion() {
        return new String[] {"all-docs " + current() + " on Java " + Runtime.version()};
    }

    /** Returns the version, or {@code (not packaged)} for classes outside a jar. */
    public static String current() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("(not packaged)");
    }
}

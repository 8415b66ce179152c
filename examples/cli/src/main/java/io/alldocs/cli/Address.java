package io.alldocs.cli;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts an option's value to an http or https address. Messages never repeat the value, which may contain a
 * password.
 */
public final class Address implements ITypeConverter<URI> {

    /** Creates the converter; called by picocli. */
    public Address() {}

    /**
     * Returns the address in an environment variable.
     *
     * @throws UsageException if {@code value} is not an http or https address
     */
    public static URI of(String variable, String value) {
        try {
            return new Address().convert(value);
        } catch (TypeConversionException e) {
            throw new UsageException(variable + ": " + e.getMessage() + ".", e);
        }
    }

    @Override
    public URI convert(String value) {
        try {
            URI uri = new URI(value.strip());
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (!http || uri.getHost() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new TypeConversionException(
                        "an address must be http:// or https://, a host and an optional path, such as"
                                + " https://registry.npmjs.com");
            }
            if (uri.getRawUserInfo() != null) {
                throw new TypeConversionException(
                        "an address must not contain a user or password; put credentials into .npmrc or NPM_TOKEN");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new TypeConversionException("it is not an address (" + e.getReason() + ")");
        }
    }
}

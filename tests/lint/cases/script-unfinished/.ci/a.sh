#!/bin/sh
# FIXME: all of it

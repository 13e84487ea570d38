"""The rules of a crisis case: pure changes of a CaseFile; time, people and configuration are passed in."""
